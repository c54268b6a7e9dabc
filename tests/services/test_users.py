from datetime import timedelta

import psycopg
import pytest

from tests.factories import a_user, an_agent, sql, tally, value
from webapp.errors import Conflict, Invalid, TooMany
from webapp.services import users
from webapp.services.access import SYSTEM
from webapp.vocabulary import Interface, Role, Theme

PASSWORD = "correct horse battery"
HASH = users.passwords.hash(PASSWORD)
POWERFUL = [Role.ADMIN, Role.MANAGER]
OTHERS = [Role.AGENT, Role.RECEPTIONIST]


def signed_in(role=Role.RECEPTIONIST, email="rashid.khan@desk.example"):
    a_user("Rashid Khan", role, password_hash=HASH)
    return users.sign_in(email, PASSWORD, address="192.0.2.1")


def sign_in(password=PASSWORD, address="192.0.2.1", email="rashid.khan@desk.example"):
    return users.sign_in(email, password, address=address)


@pytest.mark.usefixtures("app")
class TestAdd:
    def test_they_can_sign_in_from_now_on(self, omar):
        user = users.add("Noor@Desk.example", by=omar, name="Noor", role=Role.MANAGER, password="ten letters")

        token = sign_in("ten letters", email="noor@desk.EXAMPLE ")
        assert users.resume(token)[0].user_id == user.user_id

    def test_the_password_is_kept_as_a_slow_hash(self, omar):
        users.add("noor@desk.example", by=omar, name="Noor", role=Role.MANAGER, password="ten letters")

        kept = value("SELECT password_hash FROM users WHERE name = 'Noor'")
        assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")

    @pytest.mark.parametrize(
        ("password", "enough"),
        [("nine char", False), ("", False), ("ten lette!", True), ("كلمة سر طويلة", True), ("x" * 5_000, True)],
    )
    def test_ten_characters_of_any_kind_are_enough(self, omar, password, enough):
        def add():
            return users.add("noor@desk.example", by=omar, name="Noor", role=Role.AGENT, password=password)

        if enough:
            assert add()
            return
        with pytest.raises(Invalid, match="at least 10") as refused:
            add()
        assert refused.value.field == "password"

    def test_a_long_password_is_not_cut(self, omar):
        users.add("noor@desk.example", by=omar, name="Noor", role=Role.AGENT, password="x" * 5_000)

        with pytest.raises(Invalid):
            sign_in("x" * 4_999, email="noor@desk.example")

    def test_one_user_an_e_mail_whatever_the_case(self, omar):
        with pytest.raises(Conflict) as refused:
            users.add("OMAR.Nasser@desk.example", by=omar, name="Omar", role=Role.AGENT, password=PASSWORD)

        assert (refused.value.code, refused.value.field) == ("duplicate_user", "email")

    def test_one_user_an_agent(self, omar, aisha):
        email = value("SELECT email FROM agents")

        with pytest.raises(Conflict) as refused:
            users.add("a@desk.example", by=omar, name="A", role=Role.AGENT, password=PASSWORD, agent_email=email)
        assert (refused.value.code, refused.value.field) == ("duplicate_user", "agent")

    def test_an_agent_who_is_not_there_is_refused(self, omar):
        with pytest.raises(Invalid) as refused:
            users.add("a@b.example", by=omar, name="A", role=Role.AGENT, password=PASSWORD, agent_email="no@b.example")
        assert refused.value.field == "agent"


@pytest.mark.usefixtures("app")
class TestSignIn:
    def test_the_token_itself_is_not_kept(self):
        token = signed_in()

        assert token.encode() not in value("SELECT token_hash FROM sessions")
        assert len(value("SELECT token_hash FROM sessions")) == 32

    def test_unknown_wrong_and_deactivated_are_refused_in_the_same_words(self):
        a_user("Rashid Khan", Role.AGENT, password_hash=HASH)
        a_user("Sami Aziz", Role.AGENT, password_hash=HASH)
        sql("UPDATE users SET is_active = false WHERE name = 'Sami Aziz'")

        said = set()
        for email, password in (
            ("rashid.khan@desk.example", "wrong password"),
            ("nobody@desk.example", PASSWORD),
            ("sami.aziz@desk.example", PASSWORD),
        ):
            with pytest.raises(Invalid) as refused:
                sign_in(password, email=email)
            said.add((str(refused.value.message), refused.value.field, refused.value.code))

        assert len(said) == 1
        assert tally("sessions") == {"sessions": 0}


@pytest.mark.usefixtures("app")
class TestLimits:
    @pytest.fixture
    def rashid(self, app):
        return a_user("Rashid Khan", Role.RECEPTIONIST, password_hash=HASH)

    def fail(self, times, **where):
        for _ in range(times):
            with pytest.raises(Invalid):
                sign_in("wrong password", **where)

    def test_after_ten_failures_the_right_password_is_refused_too(self, rashid):
        self.fail(10)

        with pytest.raises(TooMany) as refused:
            sign_in()

        assert refused.value.status == 429
        assert 0 < refused.value.retry_after <= 15 * 60

    def test_the_last_tries_are_announced(self, rashid):
        self.fail(5)

        with pytest.raises(Invalid, match="before a pause: 4"):
            sign_in("wrong password")

    def test_the_owner_still_gets_in_from_another_address(self, rashid):
        self.fail(10)

        assert sign_in(address="192.0.2.2")

    def test_other_people_at_the_address_still_get_in(self, rashid):
        a_user("Sami Aziz", Role.AGENT, password_hash=HASH)
        self.fail(10)

        assert sign_in(email="sami.aziz@desk.example")

    def test_the_spelling_of_the_address_does_not_give_more_tries(self, rashid):
        self.fail(5)
        self.fail(5, email=" RASHID.khan@desk.example")

        with pytest.raises(TooMany):
            sign_in()

    def test_a_success_takes_its_own_try_back(self, rashid):
        self.fail(9)
        for _ in range(3):
            assert sign_in()
        self.fail(1)

        with pytest.raises(TooMany):
            sign_in()

    def test_an_address_has_a_hundred_tries_an_hour(self, rashid):
        self.fail(1)
        sql("UPDATE rate_counters SET hits = 100 WHERE hits = 1 AND key LIKE '%%login/192.0.2.1/100%%'")

        with pytest.raises(TooMany):
            sign_in(email="somebody@desk.example")

    def test_when_the_window_is_over_there_are_new_tries(self, rashid):
        self.fail(10)
        sql("UPDATE rate_counters SET expires_at = now() - interval '1 second'")

        assert sign_in()


@pytest.mark.usefixtures("app")
class TestResume:
    def test_it_is_who_the_token_belongs_to(self):
        token = signed_in(Role.MANAGER)

        actor, unseen = users.resume(token)

        assert (actor.name, actor.role, actor.email, unseen) == (
            "Rashid Khan",
            Role.MANAGER,
            "rashid.khan@desk.example",
            False,
        )

    def test_an_agents_duty_is_known(self, app):
        aisha = an_agent("Aisha Rahman", on_duty=False)
        sql("UPDATE users SET password_hash = %s", HASH)

        actor, _unseen = users.resume(users.sign_in(aisha.email, PASSWORD, address="192.0.2.1"))

        assert (actor.agent_id, actor.on_duty) == (aisha.agent_id, False)

    @pytest.mark.parametrize("token", ["", "x", "0" * 43])
    def test_a_made_up_token_is_nobody(self, token):
        signed_in()

        assert users.resume(token) is None

    def test_signed_out_is_signed_out(self):
        token = signed_in()
        users.sign_out(token)

        assert users.resume(token) is None

    def test_a_deactivated_user_is_out_at_once(self):
        token = signed_in()
        sql("UPDATE users SET is_active = false")

        assert users.resume(token) is None

    def test_a_changed_role_holds_at_once(self):
        token = signed_in(Role.MANAGER)
        sql("UPDATE users SET role = 'receptionist'")

        assert users.resume(token)[0].role == Role.RECEPTIONIST

    @pytest.mark.parametrize(
        ("role", "idle"),
        [*((role, timedelta(hours=1)) for role in POWERFUL), *((role, timedelta(hours=12)) for role in OTHERS)],
    )
    def test_an_idle_session_ends(self, role, idle):
        token = signed_in(role)
        minute = timedelta(minutes=1)

        sql("UPDATE sessions SET last_seen_at = now() - %s::interval", idle - minute)
        assert users.resume(token)[1] is True
        sql("UPDATE sessions SET last_seen_at = now() - %s::interval", idle + minute)
        assert users.resume(token) is None

    @pytest.mark.parametrize(
        ("role", "longest"),
        [*((role, timedelta(hours=12)) for role in POWERFUL), *((role, timedelta(days=7)) for role in OTHERS)],
    )
    def test_no_session_lasts_for_ever(self, role, longest):
        token = signed_in(role)
        minute = timedelta(minutes=1)

        sql("UPDATE sessions SET created_at = now() - %s::interval", longest - minute)
        assert users.resume(token)
        sql("UPDATE sessions SET created_at = now() - %s::interval", longest + minute)
        assert users.resume(token) is None

    def test_being_seen_keeps_it_alive(self):
        token = signed_in()
        sql("UPDATE sessions SET last_seen_at = now() - interval '11 hours'")

        users.mark_seen(token)

        assert users.resume(token)[1] is False

    def test_sessions_that_are_over_for_everybody_are_swept(self):
        signed_in()
        assert users.sweep_sessions() == 0
        sql("UPDATE sessions SET created_at = now() - interval '8 days'")

        assert users.sweep_sessions() == 1


class TestPreferences:
    def test_they_are_kept_for_the_next_request(self, app):
        token = signed_in()
        actor, _unseen = users.resume(token)

        users.prefer(by=actor, language=Interface.ARABIC, theme=Theme.DARK)

        again, _unseen = users.resume(token)
        assert (again.language, again.theme) == (Interface.ARABIC, Theme.DARK)


class TestLastAdmin:
    @pytest.mark.parametrize(
        "deed", ["UPDATE users SET is_active = false", "UPDATE users SET role = 'manager'", "DELETE FROM users"]
    )
    def test_the_office_keeps_one(self, omar, deed):
        with pytest.raises(psycopg.Error) as refused:
            sql(deed)

        assert refused.value.diag.constraint_name == "last_admin"
        assert tally("users") == {"users": 1}

    def test_the_last_but_one_may_go(self, omar):
        a_user("Second Admin", Role.ADMIN)

        sql("DELETE FROM users WHERE name = 'Omar Nasser'")
        with pytest.raises(psycopg.Error):
            sql("UPDATE users SET is_active = false")


class TestFirstSteps:
    def test_an_empty_office_has_neither_agents_nor_users(self, omar):
        assert users.first_steps() == (False, False)
        users.add("noor@desk.example", by=SYSTEM, name="Noor", role=Role.RECEPTIONIST, password=PASSWORD)
        assert users.first_steps() == (False, True)
        an_agent("Layla Amin")
        assert users.first_steps() == (True, True)
