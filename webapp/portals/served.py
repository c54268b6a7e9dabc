"""What portals serve when they are asked, page by page, as their documents say (docs/portals.md)."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Protocol

from webapp import clock
from webapp.doors import Account
from webapp.portals.asking import Unanswered, as_items, ask
from webapp.vocabulary import Portal, PullFailure

PER_PAGE, MOST_PAGES, AT_ONCE = 50, 2_000, 200
RENEW_BEFORE_S = 60
FORMS = [
    {"type": kind, "target": target} for kind in ("email", "whatsapp") for target in ("listing", "agent", "agency")
]


class Shelf(Protocol):
    """What one portal holds for us, in streams."""

    streams: tuple[str, ...]
    reach: timedelta
    """How long ago it still tells of."""
    step: timedelta
    """How much time is asked for at once."""

    def pages(self, stream: str, since: datetime, until: datetime) -> Iterator[list[bytes]]:
        """What came in between these moments; `Unanswered` where the portal does not tell."""


class PropertyFinder:
    """Lead pages, 50 leads each; a token of a few minutes for each reading."""

    streams: tuple[str, ...] = ("leads",)
    reach, step = timedelta(days=88), timedelta(days=1)

    def __init__(self, account: Account):
        self.account, self.token, self.good_until = account, "", 0.0

    def pages(self, stream: str, since: datetime, until: datetime) -> Iterator[list[bytes]]:
        window = {"createdAtFrom": _rfc(since), "createdAtTo": _rfc(until)}
        for number in range(1, MOST_PAGES + 1):
            body = self._get(window | {"page": str(number), "perPage": str(PER_PAGE)})
            told = body.get("pagination") if isinstance(body, dict) else None
            # What it does not understand it ignores: then every page would be the first.
            if not isinstance(told, dict) or told.get("page") != number or not isinstance(told.get("totalPages"), int):
                raise Unanswered(PullFailure.UNKNOWN_ANSWER)
            yield as_items(body.get("data"))
            if number >= told["totalPages"]:
                return
        raise Unanswered(PullFailure.UNKNOWN_ANSWER)

    def _get(self, fields: dict):
        is_new = time.monotonic() > self.good_until
        if is_new:
            self._sign_in()
        try:
            return ask("GET", f"{self.account.url}/v1/leads", bearer=self.token, fields=fields)
        except Unanswered as refused:
            if is_new or refused.why != PullFailure.KEY_REFUSED:
                raise
            self._sign_in()
            return ask("GET", f"{self.account.url}/v1/leads", bearer=self.token, fields=fields)

    def _sign_in(self) -> None:
        key = {"apiKey": self.account.key, "apiSecret": self.account.secret}
        body = ask("POST", f"{self.account.url}/v1/auth/token", json=key)
        token, lasts = (body.get("accessToken"), body.get("expiresIn")) if isinstance(body, dict) else (None, None)
        if not isinstance(token, str) or not isinstance(lasts, int):
            raise Unanswered(PullFailure.UNKNOWN_ANSWER)
        self.token, self.good_until = token, time.monotonic() + lasts - RENEW_BEFORE_S


class Bayut:
    """Bare arrays of everything since a moment in Dubai, one for each kind of lead; dubizzle is the same."""

    kinds = {"-".join(fields.values()): fields for fields in (*FORMS, {"type": "call_logs"}, {"type": "story_leads"})}
    streams: tuple[str, ...] = tuple(kinds)
    reach, step = timedelta(days=179), timedelta(days=180)
    path = "/api-v7/stats/website-client-leads"

    def __init__(self, account: Account):
        self.account = account

    def pages(self, stream: str, since: datetime, until: datetime) -> Iterator[list[bytes]]:
        # Without is_trulead=1 it tells how often listings were looked at, and of nobody.
        fields = {"timestamp": f"{since.astimezone(clock.DUBAI):%Y-%m-%d %H:%M:%S}", "is_trulead": "1"}
        url = f"{self.account.url}{self.path}"
        found = as_items(ask("GET", url, bearer=self.account.key or "", fields=self.kinds[stream] | fields))
        for start in range(0, len(found), AT_ONCE):
            yield found[start : start + AT_ONCE]


SHELVES: dict[Portal, type[PropertyFinder] | type[Bayut]] = {
    Portal.PROPERTY_FINDER: PropertyFinder,
    Portal.BAYUT: Bayut,
    Portal.DUBIZZLE: Bayut,
}


def _rfc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
