"""Where e-mail is handed over: SMTP_URL and MAIL_FROM, read and judged."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.policy import SMTP
from urllib.parse import SplitResult, unquote, urlsplit

PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
"""How the line is spoken, and the port where nothing else is said."""
SPELLING = "write it as smtp+starttls://user:password@host:587 (or smtps://, or smtp:// without a password)"
ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>]+")
HERE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class MailServer:
    """The office's mail server, and as whom and with which links it writes."""

    scheme: str
    host: str
    port: int
    sender: str
    base_url: str
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def is_encrypted(self) -> bool:
        return self.scheme != "smtp"


def read(environment: Mapping[str, str]) -> MailServer | None:
    """The mail server that the environment names; None where it names none or cannot be read (`problems` says why)."""
    url = environment.get("SMTP_URL", "").strip()
    if not url or problems(environment):
        return None
    parts = urlsplit(url)
    return MailServer(
        scheme=parts.scheme,
        host=parts.hostname or "",
        port=parts.port or PORTS[parts.scheme],
        sender=environment.get("MAIL_FROM", "").strip(),
        base_url=environment.get("BASE_URL", "").strip().rstrip("/"),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def problems(environment: Mapping[str, str]) -> list[str]:
    """What is to be mended before e-mail can go out, each as a sentence; nothing where none is asked for."""
    url, sender = environment.get("SMTP_URL", "").strip(), environment.get("MAIL_FROM", "").strip()
    if not url:
        return ["MAIL_FROM is set without SMTP_URL: set both, or neither."] if sender else []
    return [*_of_url(url), *_of_sender(sender), *_of_links(environment.get("BASE_URL", "").strip())]


def _of_url(url: str) -> Iterator[str]:
    try:
        parts = urlsplit(url)
        known = parts.scheme in PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        known = False
    if not known or not url.isprintable() or parts.path.strip("/") or parts.query or parts.fragment:
        yield f"SMTP_URL cannot be read: {SPELLING}."
    elif bool(parts.username) != bool(parts.password):
        yield f"SMTP_URL has a user or a password without the other: {SPELLING}."
    elif _tells_the_password(parts):
        yield "SMTP_URL would send the password unencrypted: write smtp+starttls:// or smtps://."


def _tells_the_password(parts: SplitResult) -> bool:
    return bool(parts.password) and parts.scheme == "smtp" and parts.hostname not in HERE


def _of_sender(sender: str) -> Iterator[str]:
    if not sender:
        yield "MAIL_FROM is missing: say as whom the desk writes, such as Lead desk <desk@example.com>."
    elif not _is_one_address(sender):
        yield "MAIL_FROM is not an e-mail address: write it as Lead desk <desk@example.com>."


def _of_links(base_url: str) -> Iterator[str]:
    if not base_url:
        yield "BASE_URL is missing, and mails could not link to the desk: set it."


def _is_one_address(sender: str) -> bool:
    try:
        addresses: tuple[Address, ...] = SMTP.header_factory("From", sender).addresses
    except (ValueError, IndexError, HeaderParseError):
        return False
    return len(addresses) == 1 and sender.isprintable() and bool(ADDRESS.fullmatch(addresses[0].addr_spec))
