"""What the description of the API says is so, whatever a program sends (I7)."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.config import SchemathesisConfig

from tests.factories import a_phone, an_agent, sql, tally
from webapp.services import api_keys
from webapp.services.access import SYSTEM

# The schema cannot say which numbers a person can be called at, nor what an Idempotency-Key was used for before.
EXPECTED = SchemathesisConfig.from_dict(
    {"checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", "401", "409", "422", "429"]}}}
)
NEGATIVE = schemathesis.GenerationMode.NEGATIVE


def callable_person(case):
    """The same request about somebody who can be called."""
    case.body["lead_data"]["phone"] = a_phone()
    return case


@pytest.mark.row("I7")
def test_every_answer_is_as_described(app, full, figure):
    key = api_keys.add("Schemathesis", by=SYSTEM)
    an_agent("Aisha Rahman")
    described = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app, config=EXPECTED)
    (operation,) = [found.ok() for found in described.get_all_operations() if found.ok().method == "post"]
    as_described = operation.as_strategy()
    cases = 10_000 if full else 100
    asked = 0

    @settings(
        max_examples=cases,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )
    @given(case=as_described.map(callable_person) | as_described | operation.as_strategy(generation_mode=NEGATIVE))
    def ask(case):
        nonlocal asked
        asked += 1
        case.call_and_validate(headers={"Authorization": f"Bearer {key.token}"})
        sql("DELETE FROM rate_counters")

    ask()
    assert asked >= cases
    assert tally("leads")["leads"] > 0
    figure("I7", f"failed checks of {asked} generated requests", 0)
