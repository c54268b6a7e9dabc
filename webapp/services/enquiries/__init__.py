"""Enquiries and visits: every contact a person makes with us is kept, whatever it becomes (R1, R2)."""

from webapp.services.enquiries.arrive import keep, keep_pulled, retry, take, take_or_leave, take_waiting
from webapp.services.enquiries.listing import Filters, Page, Shown, Waiting, page, read_waiting, shown, waiting_of
from webapp.services.enquiries.review import Back, add_phone, attach, bring_back, close, mark_broker
from webapp.services.enquiries.visits import CHECKED_IN, FrontDesk, add_visit, front_desk, mark_visit, register, waiting

__all__ = [
    "CHECKED_IN",
    "Back",
    "Filters",
    "FrontDesk",
    "Page",
    "Shown",
    "Waiting",
    "add_phone",
    "add_visit",
    "attach",
    "bring_back",
    "close",
    "front_desk",
    "keep",
    "keep_pulled",
    "mark_broker",
    "mark_visit",
    "page",
    "read_waiting",
    "register",
    "retry",
    "shown",
    "take",
    "take_or_leave",
    "take_waiting",
    "waiting",
    "waiting_of",
]
