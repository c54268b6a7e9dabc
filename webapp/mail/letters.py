"""Mails as people read them: the sentences of the bell, each with its link, in the reader's language."""

import html
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import urlsplit

from flask import current_app
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

from webapp import cleaning, clock
from webapp.mail.settings import MailServer
from webapp.services.notifications import Letter
from webapp.vocabulary import Interface

LONGEST_SUBJECT = 150


@dataclass(frozen=True)
class Told:
    """A notice in a mail: its sentence, where it leads, and when it was."""

    sentence: str
    link: str
    at: datetime


def written(letter: Letter, server: MailServer) -> EmailMessage:
    """The letter as a mail: plain text and HTML that say the same. Its id is the same each time it is tried."""
    with force_locale(letter.language.value):
        told = list(_told(letter, server))
        title = told[0].sentence if len(told) == 1 else _things(len(told))
        account = server.base_url + _path("users.account")
        mail = EmailMessage()
        mail["From"] = server.sender
        mail["To"] = Address(addr_spec=letter.email)
        mail["Subject"] = _one_line(title)
        mail["Date"] = format_datetime(clock.now())
        mail["Message-ID"] = f"<{letter.mail_id}@{urlsplit(server.base_url).hostname}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(_text(told, account))
        page = current_app.jinja_env.get_template("notifications/mail.html")
        direction = "rtl" if letter.language == Interface.ARABIC else "ltr"
        shown = page.render(
            told=told, title=title, account=account, language=letter.language.value, direction=direction
        )
        mail.add_alternative(shown, subtype="html")
        mail["Content-Language"] = letter.language.value
    return mail


def _told(letter: Letter, server: MailServer) -> Iterator[Told]:
    words = current_app.jinja_env.get_template("notifications/_words.html").module.words  # type: ignore[attr-defined]
    for line in letter.lines:
        # What the template has escaped for pages is plain text here, and escaped again where it is shown.
        sentence = _one_line(html.unescape(str(words(line))))
        link = server.base_url + _path("notifications.open", notice_id=line.notice_id)
        yield Told(sentence, link, line.created_at)


def _text(told: list[Told], account: str) -> str:
    why, change = _("You get this because you chose it."), _("Change what you get")
    parts = [*(f"{one.sentence}\n{one.link}" for one in told), f"--\n{why}\n{change}: {account}"]
    return "\n\n".join(parts) + "\n"


def _things(count: int) -> str:
    return ngettext("%(num)s thing to know.", "%(num)s things to know.", count)


def _one_line(text: str) -> str:
    return " ".join(cleaning.visible(text.replace("\r", " ").replace("\n", " ")).split())[:LONGEST_SUBJECT]


def _path(endpoint: str, **values) -> str:
    return current_app.url_map.bind("").build(endpoint, values)
