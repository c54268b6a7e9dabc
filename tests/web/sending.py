"""Forms sent as no browser sends them, and whether the answer says in words what is wrong."""

from itertools import cycle, islice
from urllib.parse import quote_from_bytes

from bs4 import BeautifulSoup

# What makes a form acceptable but for the one bad answer.
ENOUGH = {
    "phone": "0507654321",
    "type": "call",
    "reason": "Leave",
    "email": "",
    "password": "x",
    "due_date": "2030-01-01",
    "due_date_time": "10:00",
    "next_type": "call",
    "next_due_date": "2030-02-01",
    "next_due_date_time": "10:00",
    "lost_reason": "price",
    "conversion_type": "sale",
    "deal_value": "1M",
}


def submit(browser, place, answers, *, multipart=False):
    """The form with these answers and enough others."""
    sent = place.sent | {name: text for name, text in ENOUGH.items() if name in place.sent or name in place.typed}
    return send(browser, place.url, sent | answers, multipart=multipart)


def send(browser, url, sent: dict, *, multipart=False):
    raw = {name: text if isinstance(text, bytes) else text.encode() for name, text in sent.items()}
    if multipart:
        parts = [
            b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (n.encode(), t) for n, t in raw.items()
        ]
        return browser.ask(
            "POST", url, data=b"".join(parts) + b"--x--\r\n", content_type="multipart/form-data; boundary=x"
        )
    body = "&".join(f"{name}={quote_from_bytes(text)}" for name, text in raw.items())
    return browser.ask("POST", url, data=body, content_type="application/x-www-form-urlencoded")


def middle(answer) -> BeautifulSoup:
    """What an answer shows beside the menu."""
    return BeautifulSoup(answer.text[answer.text.find("<main") :].partition("</main>")[0], "html.parser")


def is_named(page, name: str) -> bool:
    """Whether a page says in words what is wrong with a field: at the field, or where it is not shown, above."""
    said = [alert for alert in page.select("[role=alert]") if alert.get_text(strip=True)]
    at_the_field = [alert for alert in said if alert.get("id", "").endswith(f"{name.removesuffix('_time')}-error")]
    return bool(at_the_field or any(not alert.get("id") for alert in said) or page.select_one(".error-words"))


def in_turn(kinds, *, few: int, full: bool):
    """All of the kinds at each call in the full size; else the next few of them, so that all are tried somewhere."""
    endless = cycle(kinds)
    return lambda: list(kinds) if full else list(islice(endless, few))
