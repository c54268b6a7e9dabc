"""Asking a portal over HTTP: time-outs on everything, no redirects, and a word for every way that it may fail."""

import json
import time
from typing import Any

from urllib3 import BaseHTTPResponse, PoolManager, Timeout
from urllib3.exceptions import HTTPError

from webapp.vocabulary import PullFailure

MOST_BYTES = 20_000_000
AT_ONCE = 65_536
LONGEST_S = 60
"""An answer that drips in is given up after this."""
TIMEOUT = Timeout(connect=5, read=20)
POOL = PoolManager(retries=False)
HEADERS = {"Accept": "application/json", "User-Agent": "lead-desk"}


class Unanswered(Exception):
    """A portal did not tell what it was asked for: why, and after how many seconds it wants to be asked again."""

    def __init__(self, why: PullFailure, retry_after: int = 0):
        super().__init__(why.value)
        self.why, self.retry_after = why, retry_after


def ask(method: str, url: str, *, bearer: str = "", **more) -> Any:
    """The JSON that the portal answers with; whatever else comes of it is `Unanswered`."""
    headers = HEADERS | ({"Authorization": f"Bearer {bearer}"} if bearer else {})
    try:
        with POOL.request(
            method, url, headers=headers, redirect=False, preload_content=False, timeout=TIMEOUT, **more
        ) as answer:
            refuse(answer)
            return json.loads(_whole(answer))
    except HTTPError as error:
        raise Unanswered(PullFailure.UNREACHABLE) from error
    except (ValueError, RecursionError) as error:
        raise Unanswered(PullFailure.NOT_JSON) from error


def refuse(answer: BaseHTTPResponse) -> None:
    """Raise what any status but 200 means. A key that has run out leads to a page where people sign in."""
    status = answer.status
    if status == 200:
        return
    asked_to_wait = answer.headers.get("Retry-After", "")
    retry_after = int(asked_to_wait) if asked_to_wait.isascii() and asked_to_wait.isdigit() else 0
    if status == 429:
        raise Unanswered(PullFailure.TOO_MANY, retry_after)
    if status >= 500:
        raise Unanswered(PullFailure.BROKEN, retry_after)
    if status in (401, 403):
        raise Unanswered(PullFailure.KEY_REFUSED)
    raise Unanswered(PullFailure.NOT_JSON if status < 400 else PullFailure.NOT_TAKEN)


def as_items(found: Any) -> list[bytes]:
    """A list of objects, each as bytes for `portals.read`; anything else is no answer that anybody knows."""
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise Unanswered(PullFailure.UNKNOWN_ANSWER)
    return [json.dumps(item).encode() for item in found]


def _whole(answer: BaseHTTPResponse) -> bytes:
    over, read = time.monotonic() + LONGEST_S, bytearray()
    for part in answer.stream(AT_ONCE):
        read += part
        if len(read) > MOST_BYTES:
            raise Unanswered(PullFailure.UNKNOWN_ANSWER)
        if time.monotonic() > over:
            raise Unanswered(PullFailure.UNREACHABLE)
    return bytes(read)
