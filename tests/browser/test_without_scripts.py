"""Everything that can be written is written without JavaScript too; nobody shows our pages inside theirs (B6)."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import PHONE
from tests.web.office import Cell
from tests.web.places import Desk, address
from tests.web.reach import REACH
from webapp.vocabulary import Role

pytestmark = [pytest.mark.browser, pytest.mark.row("B6")]

SIGNING_IN_AND_OUT = ("sessions.create", "sessions.end")
