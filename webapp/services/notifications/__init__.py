"""Telling people: notices on the bell, by e-mail too where somebody chose it, and what becomes of them."""

from webapp.services.notifications.bell import Bell, bell, find, latest, read, read_about
from webapp.services.notifications.choices import GROUPS, offered
from webapp.services.notifications.mails import Letter, Line, Whom, forget_mails, mail_waiting, troubles
from webapp.services.notifications.quiet import quiet_until
from webapp.services.notifications.telling import quietly, tell_agent, tell_managers, tell_of_move, tell_user

__all__ = [
    "GROUPS",
    "Bell",
    "Letter",
    "Line",
    "Whom",
    "bell",
    "find",
    "forget_mails",
    "latest",
    "mail_waiting",
    "offered",
    "quiet_until",
    "quietly",
    "read",
    "read_about",
    "tell_agent",
    "tell_managers",
    "tell_of_move",
    "tell_user",
    "troubles",
]
