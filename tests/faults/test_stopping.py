"""Told to stop, the server answers what it was asked and the worker stops between two items (P2)."""

import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from time import monotonic

import pytest

from tests.factories import a_lead, sql, tally, value
from tests.faults.conftest import SLOWLY, process
from tests.faults.network import HOST, Network
from tests.production import Visitor, eventually, somebody
from webapp import launch
from webapp.jobs.queue import open_queue
from webapp.services import scoring
from webapp.vocabulary import Role


@pytest.mark.row("P2")
def test_whatever_was_asked_is_answered_before_the_server_ends(unserved, full, figure):
    size = 50 if full else 10
    leads = [a_lead() for _ in range(size)]
    with process(unserved, "webapp.launch", "serve") as server, Network(HOST, unserved.port) as network:
        launch.wait_until_it_answers(HOST, unserved.port, {"The server": server})
        mariam = Visitor(unserved).sign_in(somebody("Mariam Saleh", Role.MANAGER))
        pages = [mariam.get(f"/leads/{lead.lead_id}") for lead in leads]
        forms = [
            page.form(f"/leads/{lead.lead_id}/activities").with_(type="call")
            for page, lead in zip(pages, leads, strict=True)
        ]
        sql(SLOWLY.format(seconds=1, table="lead_activities"))
        asking = Visitor(replace(unserved, port=network.port), mariam.cookies)
        with ThreadPoolExecutor(size) as crowd:
            answers = [crowd.submit(asking.send, form) for form in forms]
            eventually(lambda: network.spoken == size, "all are under way")
            began = monotonic()
            server.send_signal(signal.SIGTERM)
            statuses = [answer.result().status for answer in answers]
            assert server.wait(launch.GRACE) == 0
            took = monotonic() - began

    assert statuses == [303] * size
    assert tally("lead_activities") == {"lead_activities": size}
    assert "Stopped." in unserved.log.with_name("process.log").read_text()
    figure("P2", f"dropped of {size} requests under way", size - statuses.count(303))
    figure("P2", f"end of a server with {size} slow requests under way", took)


@pytest.mark.row("P2")
def test_a_job_stops_between_two_items_and_the_rest_is_done_the_next_time(unserved, figure):
    charged = "SELECT count(*) FROM score_lines WHERE reason = 'silence'"
    size = 40
    for _ in range(size):
        a_lead()
    sql("UPDATE leads SET created_at = created_at - interval '8 days'")
    sql(SLOWLY.format(seconds=0.25, table="score_lines"))
    with open_queue(unserved.app).open() as queue:
        for turn in range(2):  # its next turn waits already when it is stopped
            queue.tasks["inactivity"].defer(timestamp=turn)
    with process(unserved, "flask", "--app", "wsgi", "jobs", "worker") as worker:
        eventually(lambda: value(charged) > 1, "the job is at work", within=30)
        began = monotonic()
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(launch.GRACE) == 0
        took = monotonic() - began

    done = value(charged)
    assert 1 < done < size
    assert value("SELECT count(*) FROM audit_entries WHERE verb = 'scoring.charge_silences'") == done
    turns = sql("SELECT status FROM procrastinate_jobs WHERE task_name = 'inactivity' ORDER BY id")
    assert {turn.status for turn in turns} == {"todo"} and len(turns) >= 2
    sql("DROP FUNCTION slowly CASCADE")
    assert scoring.charge_silences().done == size - done
    assert value(charged) == size
    figure("P2", "end of a worker with a long job", took)
