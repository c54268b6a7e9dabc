"""Chromium in front of the production server, and the cast of the office."""

import os
import shutil
from dataclasses import dataclass

import pytest
from playwright.sync_api import sync_playwright

from tests import production
from tests.browser.people import DESKTOP, PHONE, Door
from tests.conftest import empty
from tests.factories import a_user, sql
from tests.production import PASSWORD_HASH, somebody, somebody_agent
from tests.web.places import furnished
from webapp.extensions import db
from webapp.services.access import Actor
from webapp.vocabulary import Role


@pytest.fixture(scope="session")
def office(server_url, template, tmp_path_factory):
    with production.running_office(server_url, template, tmp_path_factory.mktemp("office")) as office:
        yield office


@pytest.fixture(scope="session")
def chromium():
    """Debian's Chromium, or the one that CHROMIUM names."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not program:
        pytest.fail("The browser tests need Chromium: install it, or set CHROMIUM to it.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def open_office(office):
    """The test may look into the office's database; afterwards it is empty again."""
    with office.app.app_context():
        yield
        db.session.remove()
        empty()


@pytest.fixture
def door(office, chromium, open_office):
    """Opens a browser for each person, and closes them all."""
    door = Door(chromium, office)
    yield door
    door.close()


SCREENS = [
    pytest.param({"viewport": DESKTOP, "javascript": True}, id="at a desk"),
    pytest.param({"viewport": PHONE, "javascript": False}, id="on a phone without scripts"),
]


@pytest.fixture(params=SCREENS)
def admit_anywhere(door, request):
    """Lets people in at a desk, and in another run of the test on a phone without scripts."""
    return lambda who: door.admit(who, **request.param)


@pytest.fixture
def rooms(office, open_office):
    """The office with everything in it that pages show, and people of every role (tests/web/places.py)."""
    with furnished(office.app, may_sign_in) as rooms:
        yield rooms


def may_sign_in(who: Actor) -> Actor:
    """The actor, now with the password of these tests."""
    sql("UPDATE users SET password_hash = %s WHERE user_id = %s", PASSWORD_HASH, who.user_id)
    return who


@dataclass(frozen=True)
class Cast:
    """Who works here."""

    aisha: Actor
    yousef: Actor
    rashid: Actor
    mariam: Actor
    omar: Actor


@pytest.fixture
def cast(open_office) -> Cast:
    """Aisha knows apartments in the Marina and speaks English; Yousef knows neither."""
    return Cast(
        aisha=somebody_agent(
            "Aisha Khan", types=["apartment"], areas=["Dubai Marina"], languages=["english", "arabic"]
        ),
        yousef=somebody_agent("Yousef Haddad", types=["villa"], areas=["Arabian Ranches"], languages=["arabic"]),
        rashid=somebody("Rashid Ali", Role.RECEPTIONIST),
        mariam=somebody("Mariam Saleh", Role.MANAGER),
        omar=a_user("Omar Nasser", Role.ADMIN, password_hash=PASSWORD_HASH),
    )
