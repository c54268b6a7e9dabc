"""What ids in the audit stand for."""

from collections.abc import Iterable

from sqlalchemy import String, select, union_all

from webapp.extensions import db
from webapp.models import Agent, Listing, User


def of(ids: Iterable[str]) -> dict[str, str]:
    """Users, agents and listings of these ids by what people call them: one query, and none where there are no ids."""
    wanted = sorted(ids)
    if not wanted:
        return {}
    parts = (
        select(table.c[key].cast(String), table.c[name].cast(String)).where(table.c[key].in_(wanted))
        for table, key, name in (
            (User.__table__, "user_id", "name"),
            (Agent.__table__, "agent_id", "full_name"),
            (Listing.__table__, "property_id", "reference"),
        )
    )
    rows = db.session.execute(union_all(*parts))
    return {str(row[0]): row[1] for row in rows}
