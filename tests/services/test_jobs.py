"""What runs by itself."""

from webapp.jobs import JOBS
from webapp.vocabulary import JobName


def test_every_job_has_its_words():
    assert {name.value for name in JobName} == set(JOBS)
