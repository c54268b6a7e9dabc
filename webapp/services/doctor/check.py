from dataclasses import dataclass

NUMBER = "'#' || l.number"
NAME = "coalesce(nullif(btrim(g.full_name), ''), g.agent_id::text)"
ACTIVE = "l.status NOT IN ('converted', 'lost')"


def taken_over(lead_id: str = "l.lead_id") -> str:
    """The condition that another product captured the lead: it came without the enquiry that ours begin with."""
    return f"NOT EXISTS (SELECT FROM enquiries first WHERE first.lead_id = {lead_id} AND first.state = 'captured')"


@dataclass(frozen=True)
class Check:
    """One question to the database: its query finds every row for which the sentence `wrong` is true.

    Four columns: whom it is about, what is stored, what is right, and whether it was kept from older data.
    """

    name: str
    wrong: str
    query: str


@dataclass(frozen=True)
class Difference:
    """One row that is not as it should be: a lead's number or an agent's name, what is stored and what is right."""

    subject: str
    stored: str
    right: str


@dataclass(frozen=True)
class Finding:
    """What one check found: how many rows, and the first of them. `kept` from older data, it breaks no rule of ours."""

    check: Check
    kept: bool
    count: int
    differences: tuple[Difference, ...]
