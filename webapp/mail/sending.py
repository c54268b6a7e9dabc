"""Handing mails over by SMTP: time-outs on everything, and a word for every way that it may fail."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from typing import Self

from webapp.mail.settings import MailServer
from webapp.vocabulary import MailFailure

WITHIN = 10
"""Seconds for each step; nothing is waited for longer."""
FOR_GOOD = 500


class Undelivered(Exception):
    """This mail did not get through: why, what the server answered, and whether it is any use to try again."""

    def __init__(self, why: MailFailure, code: int | None = None):
        super().__init__(why.value)
        self.why, self.code = why, code

    @property
    def for_good(self) -> bool:
        return self.why == MailFailure.BROKEN or (self.code or 0) >= FOR_GOOD


class ServerTrouble(Exception):
    """No mail gets through at the moment."""


class MailServerAway(ServerTrouble):
    """The mail server cannot be reached, or not safely."""


class MailServerRefuses(ServerTrouble):
    """The mail server does not take mail from us, whomever it is for."""


class Postman:
    """A line to the mail server, opened for the first mail, and again where it broke."""

    def __init__(self, server: MailServer):
        self.server = server
        self.line: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_ending) -> None:
        self.hang_up()

    def deliver(self, mail: EmailMessage) -> None:
        """Hand this mail over. Raises `Undelivered` where it is this mail's own trouble, else `ServerTrouble`."""
        line = self.line = self.line or _opened(self.server)
        try:
            line.send_message(mail)
        except smtplib.SMTPRecipientsRefused as refused:
            code = min(code for code, _said in refused.recipients.values())
            self._go_on_after(line, MailFailure.ADDRESS_REFUSED if code >= FOR_GOOD else MailFailure.PUT_OFF, code)
        except smtplib.SMTPDataError as refused:
            why = MailFailure.REFUSED if refused.smtp_code >= FOR_GOOD else MailFailure.PUT_OFF
            self._go_on_after(line, why, refused.smtp_code)
        except smtplib.SMTPSenderRefused as refused:
            self.hang_up()
            trouble = MailServerRefuses if refused.smtp_code >= FOR_GOOD else MailServerAway
            raise trouble(f"MAIL_FROM is refused ({refused.smtp_code})") from refused
        except smtplib.SMTPNotSupportedError as error:
            raise Undelivered(MailFailure.ADDRESS_REFUSED, FOR_GOOD) from error
        except (smtplib.SMTPException, OSError) as error:
            self.hang_up()
            raise Undelivered(MailFailure.CUT_OFF) from error

    def hang_up(self) -> None:
        """End the line, whatever state it is in."""
        line, self.line = self.line, None
        if line:
            with suppress(smtplib.SMTPException, OSError):
                line.quit()

    def _go_on_after(self, line: smtplib.SMTP, why: MailFailure, code: int) -> None:
        if line.sock is None:
            self.line = None
        raise Undelivered(why, code)


def trial(server: MailServer) -> str | None:
    """Why no mail would get through, as a sentence; None where the mail server lets us in."""
    try:
        with Postman(server) as postman:
            postman.line = _opened(server)
    except MailServerAway as trouble:
        return f"The mail server {server.host}:{server.port} cannot be reached: {trouble}. Check SMTP_URL."
    except MailServerRefuses as trouble:
        return f"The mail server {server.host}:{server.port} does not let the desk in: {trouble}. Check SMTP_URL."
    return None


def _opened(server: MailServer) -> smtplib.SMTP:
    """A line on which mails can be handed over, encrypted and signed in as SMTP_URL says; never less than that."""
    with _told_as_trouble():
        line = _dialled(server)
    try:
        with _told_as_trouble():
            if server.scheme == "smtp+starttls":
                line.starttls(context=ssl.create_default_context())
            if server.user:
                line.login(server.user, server.password)
    except ServerTrouble:
        line.close()
        raise
    return line


def _dialled(server: MailServer) -> smtplib.SMTP:
    if server.scheme == "smtps":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=WITHIN, context=ssl.create_default_context())
    return smtplib.SMTP(server.host, server.port, timeout=WITHIN)


@contextmanager
def _told_as_trouble() -> Iterator[None]:
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        raise MailServerRefuses(f"user or password is wrong ({error.smtp_code})") from error
    except smtplib.SMTPNotSupportedError as error:
        raise MailServerRefuses("it does not offer what SMTP_URL asks for") from error
    except (smtplib.SMTPException, OSError) as error:
        raise MailServerAway(type(error).__name__) from error
