"""Which passwords an office accepts (S4), and how they are kept."""

import unicodedata

import pytest
from argon2 import extract_parameters

from config import ROOT
from tests.factories import sql, value
from webapp import passwords
from webapp.errors import Invalid, Missing
from webapp.services import users
from webapp.vocabulary import Role

pytestmark = pytest.mark.row("S4")

GUESSES = (ROOT / "tests" / "fixtures" / "first_guesses.txt").read_text(encoding="utf-8").split()
TAKEN = {
    "words": "correct horse battery",
    "Arabic words": "كلمة سر طويلة",
    "spaces": "   by the creek   ",
    "64 characters": "kite-over-the-creek-at-dusk-" * 2 + "and more",
    "5,000 characters": "".join(f"{n}kite" for n in range(1_000, 2_000))[:5_000],
    "digits of one's own": "8472916350",
    "emoji": "🏙️🌊🐪 3 palms",
    "no capital, digit or sign": "mountain river",
}


def add(omar, password, email="noor.sabah@desk.example", name="Noor Sabah"):
    return users.add(email, by=omar, name=name, role=Role.AGENT, password=password)


def test_a_hundred_that_are_tried_first_are_refused_offline(app, omar, figure):
    assert len(set(GUESSES)) >= 100
    taken = []
    for nth, password in enumerate(GUESSES):
        try:
            add(omar, password, email=f"n{nth}@desk.example")
            taken.append(password)
        except Invalid as refused:
            assert refused.field == "password"

    figure("S4", "listed passwords tried", len(GUESSES))
    figure("S4", "of them taken", len(taken))
    assert taken == []


@pytest.mark.parametrize(
    "password",
    [
        "noor.sabah1",
        "NoorSabah2026!",
        "sabah sabah 1",
        "noor123456",
        "Lead Desk 2026",
        "the noor sabah"[4:],
        "n00r_$abah",
    ],
)
def test_who_they_are_and_where_they_work_is_no_password(app, omar, password):
    with pytest.raises(Invalid, match=r"at least 10|first passwords"):
        add(omar, password)


@pytest.mark.parametrize("kind", TAKEN)
def test_nothing_else_is_asked_of_a_password(app, omar, kind):
    add(omar, TAKEN[kind])

    assert users.sign_in("noor.sabah@desk.example", TAKEN[kind], address="192.0.2.1")


@pytest.mark.parametrize("length", [64, 73, 128, 5_000])
def test_none_is_cut(app, omar, length):
    password = TAKEN["5,000 characters"][:length]
    add(omar, password)

    for other in (password[:-1], password[:-1] + "?"):
        with pytest.raises(Invalid):
            users.sign_in("noor.sabah@desk.example", other, address="192.0.2.1")


def test_one_that_could_not_be_typed_at_the_login_is_refused_whole(app, omar):
    with pytest.raises(Invalid, match="too long") as refused:
        add(omar, TAKEN["5,000 characters"] + "x")
    assert refused.value.field == "password"


def test_how_a_keyboard_composes_letters_does_not_matter(app, omar):
    composed, apart = (unicodedata.normalize(form, "café crème à Jumeirah") for form in ("NFC", "NFD"))
    assert composed != apart

    add(omar, apart)

    assert users.sign_in("noor.sabah@desk.example", composed, address="192.0.2.1")


def test_it_is_kept_as_argon2id_at_the_price_that_was_decided(app, omar, figure):
    add(omar, TAKEN["words"])

    kept = extract_parameters(value("SELECT password_hash FROM users WHERE name = 'Noor Sabah'"))
    figure("S4", "memory of a hash, MiB", kept.memory_cost / 1024)
    assert (kept.type.name, kept.time_cost, kept.parallelism) == ("ID", 2, 1)
    assert kept.memory_cost >= 19 * 1024
    assert kept.salt_len >= 16 and kept.hash_len >= 32


def test_the_list_is_words_in_small_letters(app):
    lines = passwords.GUESSED.read_text(encoding="utf-8").splitlines()
    words = [line for line in lines if not line.startswith("#")]

    assert len(words) > 8_000
    assert words == sorted({word.casefold() for word in words})


@pytest.mark.row("S1")
class TestSetPassword:
    @pytest.fixture
    def noor(self, app, omar):
        return add(omar, TAKEN["words"])

    def test_the_old_one_and_every_session_are_worth_nothing(self, noor, omar):
        tokens = [users.sign_in(noor.email, TAKEN["words"], address="192.0.2.1") for _ in range(3)]

        users.set_password(" NOOR.Sabah@desk.example", by=omar, password="four other words of hers")

        assert [users.resume(token) for token in tokens] == [None] * 3
        with pytest.raises(Invalid):
            users.sign_in(noor.email, TAKEN["words"], address="192.0.2.1")
        assert users.sign_in(noor.email, "four other words of hers", address="192.0.2.1")

    def test_other_people_stay_signed_in(self, noor, omar):
        add(omar, TAKEN["words"], email="sami@desk.example", name="Sami Aziz")
        token = users.sign_in("sami@desk.example", TAKEN["words"], address="192.0.2.1")

        users.set_password(noor.email, by=omar, password="four other words of hers")

        assert users.resume(token)

    def test_the_audit_says_who_did_it_and_nothing_of_the_password(self, noor, omar):
        users.set_password(noor.email, by=omar, password="four other words of hers")

        entry = sql("SELECT * FROM audit_entries ORDER BY entry_id DESC LIMIT 1")[0]
        assert (entry.verb, entry.actor_id, entry.subject_id) == ("users.set_password", omar.user_id, noor.user_id)
        assert (entry.before, entry.after) == (None, None)

    @pytest.mark.parametrize("password", ["short", "Password123!", "noorsabah99"])
    def test_a_new_one_must_be_as_good(self, noor, omar, password):
        token = users.sign_in(noor.email, TAKEN["words"], address="192.0.2.1")

        with pytest.raises(Invalid):
            users.set_password(noor.email, by=omar, password=password)
        assert users.resume(token)

    def test_somebody_who_is_not_there_is_missing(self, app, omar):
        with pytest.raises(Missing, match=r"nobody@desk\.example"):
            users.set_password("nobody@desk.example", by=omar, password="four other words of hers")

    def test_the_command_does_it(self, app, noor):
        token = users.sign_in(noor.email, TAKEN["words"], address="192.0.2.1")
        words = ["users", "password", noor.email, "--password-stdin"]

        refused = app.test_cli_runner().invoke(args=words, input="Password123!\n")
        assert (refused.exit_code, users.resume(token) is not None) == (1, True)
        done = app.test_cli_runner().invoke(args=words, input="four other words of hers\n")

        assert done.exit_code == 0, done.output
        assert users.resume(token) is None
        assert users.sign_in(noor.email, "four other words of hers", address="192.0.2.1")
