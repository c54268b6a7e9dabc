"""Notices by e-mail, handed over to a real mail server on this machine."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import time, timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from flask import current_app

from tests.factories import a_lead, a_user, an_agent, now, sql, value
from tests.mailbox import BASE_URL, HANG_UP, Mailbox, certificate, mailbox
from tests.production import free_port
from tests.web.checks import shape
from tests.web.payloads import PAYLOADS
from webapp import stopping
from webapp.clock import DUBAI
from webapp.errors import Invalid
from webapp.extensions import db
from webapp.jobs import send_mails, take_turn
from webapp.mail import letters, sending
from webapp.mail.sending import MailServerAway, MailServerRefuses
from webapp.services import notifications, users
from webapp.services.access import SYSTEM, Actor
from webapp.services.notifications import Letter, Line, Whom
from webapp.stopping import Tally
from webapp.vocabulary import Interface, MailFailure, NoticeGroup, NoticeKind, Role

LEADS, FILES = NoticeGroup.LEADS, NoticeGroup.FILES
AN_HOUR = timedelta(hours=1)


@pytest.fixture
def box(app):
    """The office's mail server."""
    with mailbox() as found, used(found.server()):
        yield found


@contextmanager
def used(server):
    before, current_app.config["MAIL"] = current_app.config["MAIL"], server
    try:
        yield
    finally:
        current_app.config["MAIL"] = before


def wants(who: Actor, *groups: NoticeGroup, **quiet) -> Actor:
    users.choose_mail(by=who, groups=groups or [LEADS], **quiet)
    return who


def in_dubai(moment) -> time:
    """The time of the day in Dubai, whole minutes."""
    return moment.astimezone(DUBAI).time().replace(second=0, microsecond=0)


def quiet_now(who: Actor, *groups: NoticeGroup) -> Actor:
    """It is quiet for this user, since an hour ago and for an hour to come, whatever the hour."""
    return wants(who, *groups, quiet_from=in_dubai(now() - AN_HOUR), quiet_until=in_dubai(now() + AN_HOUR))


def states() -> list:
    return [tuple(row) for row in sql("SELECT state, attempt, failure, code FROM mails ORDER BY made_at, mail_id")]


def waiting() -> int:
    return value("SELECT count(*) FROM notices WHERE waits_for_mail")


def due() -> None:
    """As if the time to wait were over."""
    sql("UPDATE mails SET not_before = now()")


def text_of(mail) -> str:
    return mail.get_body(("plain",)).get_content()


def html_of(mail) -> str:
    return mail.get_body(("html",)).get_content()


class TestChoice:
    def test_nobody_gets_any_who_did_not_ask(self, aisha, box):
        a_lead()

        assert send_mails() == Tally()
        assert (box.arrived, box.lines, waiting()) == ([], 0, 0)

    def test_who_asked_gets_what_they_asked_for_and_nothing_else(self, aisha, box):
        wants(aisha, LEADS)
        lead = a_lead(first_name="Layla")
        a_lead(lead.phone)  # enquires again: not asked for

        assert send_mails() == Tally(1)

        (mail,) = box.arrived
        assert (mail["To"], mail["From"]) == (aisha.email, "Lead desk <desk@desk.example>")
        assert mail["Subject"] == "New lead for you: Layla"
        assert "enquired again" not in text_of(mail) + html_of(mail)
        assert states() == [("sent", 1, None, None)]
        assert send_mails() == Tally()
        assert len(box.arrived) == 1

    def test_who_asks_no_more_gets_no_more_not_even_what_waits(self, aisha, box):
        wants(aisha, LEADS)
        a_lead()
        users.choose_mail(by=aisha, groups=[])

        assert send_mails() == Tally()
        assert (box.arrived, waiting()) == ([], 0)

    def test_what_was_read_on_the_bell_by_then_goes_by_no_mail(self, aisha, box):
        wants(aisha, LEADS)
        a_lead()
        notifications.read(by=aisha, up_to=10**6)
        a_lead(first_name="Omar")

        send_mails()

        assert [mail["Subject"] for mail in box.arrived] == ["New lead for you: Omar"]

    def test_who_may_no_longer_sign_in_gets_none(self, aisha, box):
        wants(aisha, LEADS)
        a_lead()
        sql("UPDATE users SET is_active = false")

        assert send_mails() == Tally()
        assert (box.arrived, waiting()) == ([], 0)

    def test_one_that_waits_for_somebody_who_left_is_dropped(self, aisha, box):
        wants(aisha, LEADS)
        a_lead()
        box.answers[aisha.email] = 450
        send_mails()
        sql("UPDATE users SET is_active = false")
        due()

        assert send_mails() == Tally()
        assert states() == [("dropped", 1, "put_off", 450)]

    def test_what_is_a_day_old_goes_by_no_mail(self, aisha, box):
        wants(aisha, LEADS)
        a_lead()
        sql("UPDATE notices SET created_at = now() - interval '25 hours'")

        assert send_mails() == Tally()
        assert (box.arrived, waiting()) == ([], 0)

    def test_only_what_somebody_can_be_told_of_is_kept(self, aisha, rashid):
        wants(aisha, *NoticeGroup)
        wants(rashid, *NoticeGroup)

        kept = dict(sql("SELECT name, mail_groups FROM users"))
        assert kept == {"Aisha Rahman": ["leads", "visitors", "enquiries", "files"], "Rashid Khan": []}

    @pytest.mark.parametrize("begins, ends", [(time(21), None), (None, time(7)), (time(7), time(7))])
    def test_hours_that_are_none_are_refused(self, aisha, begins, ends):
        with pytest.raises(Invalid):
            wants(aisha, LEADS, quiet_from=begins, quiet_until=ends)

    def test_without_a_mail_server_nothing_goes_out_and_nothing_piles_up(self, aisha):
        wants(aisha, LEADS)
        a_lead()
        sql("UPDATE notices SET created_at = now() - interval '25 hours'")

        assert send_mails() == Tally()
        assert (states(), waiting()) == ([], 0)


class TestOffered:
    def test_every_kind_of_notice_is_in_one_group_and_managers_and_agents_get_them_all(self, aisha, mariam):
        in_groups = [kind for kinds in notifications.GROUPS.values() for kind in kinds]
        got = [kind for who in (aisha, mariam) for kinds in notifications.offered(to=who).values() for kind in kinds]

        assert sorted(in_groups) == sorted(NoticeKind)
        assert {*got} == {*NoticeKind}

    def test_reception_and_admins_are_offered_what_can_reach_them(self, rashid, omar):
        assert notifications.offered(to=rashid) == {}
        assert [*notifications.offered(to=omar)] == [FILES]

    def test_who_is_an_agent_beside_another_role_is_offered_an_agent_s(self, app):
        agent = an_agent("Huda Ali")
        sql("UPDATE users SET role = 'receptionist'")

        offered = notifications.offered(to=users.actor(agent.user_id))

        assert NoticeGroup.LEADS in offered and FILES not in offered


class TestQuietHours:
    def test_nothing_goes_out_and_what_came_up_meanwhile_goes_as_one_mail(self, aisha, box):
        quiet_now(aisha)
        for name in ("Layla", "Omar", "Noor"):
            a_lead(first_name=name)
            assert send_mails() == Tally()
        assert (box.arrived, waiting()) == ([], 3)

        wants(aisha, LEADS, quiet_from=in_dubai(now() + AN_HOUR), quiet_until=in_dubai(now() - AN_HOUR))
        assert send_mails() == Tally(1)

        (mail,) = box.arrived
        assert mail["Subject"] == "3 things to know."
        places = [text_of(mail).index(name) for name in ("Layla", "Omar", "Noor")]
        assert places == sorted(places)

    def test_across_midnight_by_the_database_s_clock(self, aisha, box, clock):
        wants(aisha, LEADS, quiet_from=time(21), quiet_until=time(7, 30))
        evening = clock.now.astimezone(DUBAI).replace(hour=20, minute=59) - timedelta(days=1)
        clock.pass_by(seconds=(evening - clock.now).total_seconds())
        a_lead(first_name="Layla")
        assert send_mails() == Tally(1)

        for minutes in (1, 180, 450 - 1):  # 21:00, midnight, 07:29
            clock.pass_by(minutes=minutes)
            a_lead()
            assert send_mails() == Tally()
        clock.pass_by(minutes=1)
        assert send_mails() == Tally(1)

        assert [mail["Subject"] for mail in box.arrived] == ["New lead for you: Layla", "3 things to know."]

    def test_what_has_to_be_tried_again_waits_for_their_end_too(self, aisha, box):
        wants(aisha, LEADS)
        a_lead()
        box.answers[aisha.email] = 450
        assert send_mails() == Tally(0, 1)
        quiet_now(aisha)
        box.answers.clear()
        due()

        assert send_mails() == Tally()
        assert value("SELECT not_before > now() + interval '58 minutes' FROM mails")
        assert box.arrived == []


class TestTrouble:
    def test_a_refused_connection_loses_nothing_and_counts_no_attempt(self, aisha):
        wants(aisha, LEADS)
        a_lead()
        port = free_port()
        with used(Mailbox(port).server()):
            for _turn in range(3):
                with pytest.raises(MailServerAway):
                    send_mails()
            assert states() == [("waiting", 0, None, None)]
            with mailbox(port) as box:
                assert send_mails() == Tally(1)
        assert len(box.arrived) == 1
        assert states() == [("sent", 1, None, None)]

    def test_the_turn_that_broke_says_so_and_the_queue_tries_it_again(self, aisha):
        wants(aisha, LEADS)
        a_lead()
        at, port = now().replace(microsecond=0), free_port()
        with used(Mailbox(port).server()):
            with pytest.raises(MailServerAway):
                take_turn("mails", due=at, attempt=1)
            assert [*sql("SELECT state, error FROM job_turns")[0]] == ["broken", "MailServerAway"]
            with mailbox(port) as box:
                assert take_turn("mails", due=at, attempt=2) == Tally(1)
        assert len(box.arrived) == 1

    @pytest.mark.parametrize(
        ("code", "why"),
        [(550, MailFailure.ADDRESS_REFUSED), (450, MailFailure.PUT_OFF), (HANG_UP, MailFailure.CUT_OFF)],
    )
    def test_a_poisoned_address_stops_no_other(self, aisha, yousef, box, code, why):
        wants(aisha, LEADS)
        wants(yousef, LEADS)
        a_lead()
        a_lead()
        box.answers[aisha.email] = code

        assert send_mails() == Tally(1, 1)

        assert [mail["To"] for mail in box.arrived] == [yousef.email]
        (trouble,) = notifications.troubles()
        assert (trouble.user.name, trouble.failure, trouble.code) == ("Aisha Rahman", why, code or None)

    def test_what_is_refused_for_good_is_not_tried_again(self, aisha, box):
        wants(aisha, LEADS)
        a_lead()
        box.answers[aisha.email] = 550
        send_mails()
        due()

        assert send_mails() == Tally()
        assert states() == [("failed", 1, "address_refused", 550)]

    def test_what_is_put_off_waits_longer_each_time_and_goes_out_under_the_same_id(self, aisha, box):
        wants(aisha, LEADS)
        a_lead()
        box.answers["END"] = 451
        waits = []
        for _turn in range(4):
            assert send_mails() == Tally(0, 1)
            assert send_mails() == Tally()
            waits.append(round(value("SELECT extract(epoch FROM not_before - now()) / 60 FROM mails")))
            due()
        box.answers.clear()

        assert send_mails() == Tally(1)

        assert waits == [1, 2, 4, 8]
        assert box.arrived[0]["Message-ID"] == f"<{value('SELECT mail_id FROM mails')}@desk.example>"
        assert states() == [("sent", 5, "put_off", 451)]

    def test_after_a_day_it_is_given_up(self, aisha, box):
        wants(aisha, LEADS)
        a_lead()
        box.answers[aisha.email] = 450
        send_mails()
        sql("UPDATE mails SET made_at = made_at - interval '25 hours', not_before = now()")

        assert send_mails() == Tally()
        assert states() == [("failed", 1, "given_up", 450)]

    def test_meanwhile_new_notices_wait_for_the_one_on_its_way(self, aisha, box):
        wants(aisha, LEADS)
        a_lead()
        box.answers[aisha.email] = 450
        send_mails()
        for name in ("Layla", "Omar"):
            a_lead(first_name=name)
            send_mails()
        box.answers.clear()
        due()

        assert send_mails() == Tally(1)
        assert send_mails() == Tally(1)
        assert [mail["Subject"] for mail in box.arrived][1] == "2 things to know."

    def test_who_may_not_write_at_all_is_told_as_the_server_s_trouble(self, aisha, box):
        wants(aisha, LEADS)
        a_lead()
        box.answers["MAIL"] = 553

        with pytest.raises(MailServerRefuses):
            send_mails()
        assert states() == [("waiting", 0, None, None)]

    def test_an_address_that_is_none_breaks_only_its_own(self, aisha, yousef, box, caplog):
        wants(aisha, LEADS)
        wants(yousef, LEADS)
        a_lead()
        a_lead()
        sql("UPDATE users SET email = %s WHERE user_id = %s", "a\r\nBcc: all@evil.example", aisha.user_id)

        assert send_mails() == Tally(1, 1)

        assert [mail["To"] for mail in box.arrived] == [yousef.email]
        assert ("failed", 1, "broken", None) in states()
        assert "could not be written" in caplog.text

    def test_told_to_stop_it_leaves_the_rest_for_the_next(self, aisha, yousef, box):
        for who in (aisha, yousef):
            wants(who, LEADS)
        for _lead in range(2):
            a_lead()

        with stopping.told_by(lambda: bool(box.arrived)):
            send_mails()
        assert len(box.arrived) == 1
        send_mails()
        assert len(box.arrived) == 2


class TestOnce:
    @pytest.mark.row("J6")
    def test_many_workers_send_each_mail_once(self, app, box, full, figure):
        people, workers = 40 if full else 12, 4
        for number in range(people):
            wants(a_user(f"Manager {number}", Role.MANAGER), NoticeGroup.UNANSWERED)
        a_lead()
        app, together = current_app._get_current_object(), Barrier(workers)

        def work(_worker):
            together.wait()
            with app.app_context():
                try:
                    return send_mails().done
                finally:
                    db.session.remove()

        with ThreadPoolExecutor(workers) as pool:
            done = sum(pool.map(work, range(workers)))

        assert done == people == len(box.arrived)
        assert len({mail["To"] for mail in box.arrived}) == people
        figure("J6", f"mails of {people} that {workers} workers sent twice", len(box.arrived) - people)

    @pytest.mark.row("J6")
    def test_a_worker_that_dies_before_it_has_marked_it_is_made_good_under_the_same_id(self, aisha, box, figure):
        wants(aisha, LEADS)
        a_lead()
        with pytest.raises(KeyboardInterrupt):
            notifications.mail_waiting(lambda letter: (_ for _ in ()).throw(KeyboardInterrupt))
        assert states() == [("sending", 1, None, None)]
        assert send_mails() == Tally()
        sql("UPDATE mails SET claimed_at = now() - interval '6 minutes'")

        assert send_mails() == Tally(1)

        ids = {mail["Message-ID"] for mail in box.arrived}
        assert ids == {f"<{value('SELECT mail_id FROM mails')}@desk.example>"}
        figure("J6", "mails lost where the worker dies between claim and mark", 1 - len(box.arrived))

    def test_whoever_was_taken_for_dead_marks_nothing_any_more(self, aisha, box):
        wants(aisha, LEADS)
        a_lead()

        def slow(_letter):
            sql("UPDATE mails SET claimed_at = now() - interval '6 minutes'")
            assert send_mails() == Tally(1)
            raise sending.Undelivered(MailFailure.CUT_OFF)

        notifications.mail_waiting(slow)

        assert states() == [("sent", 2, None, None)]

    def test_no_transaction_is_open_while_a_mail_is_sent(self, aisha, box):
        wants(aisha, LEADS)
        a_lead()
        seen = []

        def look(_letter):
            seen.append(
                value(
                    """SELECT count(*) FROM pg_stat_activity
                       WHERE datname = current_database() AND state LIKE 'idle in transaction%'"""
                )
            )

        notifications.mail_waiting(look)

        assert seen == [0]


class TestLetter:
    def test_it_says_the_sentence_of_the_bell_with_its_link_in_text_and_html(self, aisha, box):
        wants(aisha, LEADS)
        lead = a_lead(first_name="Layla", email="layla@private.example")
        notice_id = value("SELECT notice_id FROM notices")

        send_mails()

        (mail,) = box.arrived
        link = f"{BASE_URL}/notices/{notice_id}"
        for body in (text_of(mail), html_of(mail)):
            assert "New lead for you: Layla" in body
            assert link in body and f"{BASE_URL}/account" in body
            assert lead.phone not in body and "private.example" not in body
        assert '<html lang="en" dir="ltr">' in html_of(mail)
        assert mail["Auto-Submitted"] == "auto-generated"

    def test_in_arabic_it_is_in_arabic_and_from_the_right(self, aisha, yousef, box):
        for who in (aisha, yousef):
            wants(who, LEADS)
        sql("UPDATE users SET language = 'ar' WHERE user_id = %s", aisha.user_id)
        a_lead(first_name="ليلى")
        a_lead(first_name="Omar")

        send_mails()

        (hers,), (his,) = box.to(aisha.email), box.to(yousef.email)
        assert '<html lang="ar" dir="rtl">' in html_of(hers) and "New lead" not in text_of(hers) + html_of(hers)
        assert hers["Content-Language"] == Interface.ARABIC
        assert "عميل" in hers["Subject"] or "جديد" in hers["Subject"]
        assert "New lead for you" in his["Subject"]

    @pytest.mark.row("I11")
    def test_names_are_text_whatever_they_hold(self, aisha, box):
        wants(aisha, LEADS)
        payload = "<img src=x onerror=alert(1)>\"'</title><script>alert(1)</script>"
        sql("UPDATE users SET name = %s", payload)
        a_lead(first_name=payload)

        send_mails()

        (mail,) = box.arrived
        assert payload in " ".join(text_of(mail).split()) and payload in " ".join(str(mail["Subject"]).split())
        assert "<img" not in html_of(mail) and "<script" not in html_of(mail)
        assert "&lt;img src=x onerror=alert(1)&gt;" in html_of(mail)

    @pytest.mark.row("I11")
    def test_no_payload_makes_an_element_an_attribute_or_a_header(self, app, figure):
        def written(name: str, who: str):
            told = (
                Line(1, NoticeKind.LEAD_ASSIGNED, {}, Whom(name), now()),
                Line(2, NoticeKind.LEADS_EXPORTED, {"who": who, "count": 2}, None, now()),
            )
            letter = Letter(uuid4(), 1, "aisha@desk.example", Interface.ENGLISH, told)
            return letters.written(letter, Mailbox(25).server())

        def shape_of(mail):
            return shape(BeautifulSoup(html_of(mail), "html.parser")), sorted(mail.keys())

        honest = shape_of(written("Layla", "Omar"))
        parsed = [shape_of(written(payload, payload)) != honest for payload in PAYLOADS]

        figure("I11", f"e-mails with one of {len(PAYLOADS)} payloads that parse otherwise", sum(parsed))
        assert len(PAYLOADS) >= 100 and not any(parsed)

    @pytest.mark.parametrize("ending", ["\r\n", "\n", "\r", "\u2028", "\x85", "\x0b", "\x00"])
    def test_a_name_makes_no_header(self, aisha, box, ending):
        wants(aisha, LEADS)
        a_lead()
        evil = f"Layla{ending}Bcc: all@evil.example{ending}{ending}Hello"
        notifications.mail_waiting(None)
        if ending != "\x00":  # which PostgreSQL keeps nowhere
            sql("UPDATE leads SET first_name = %s, last_name = ''", evil)

        send_mails()

        (mail,) = box.arrived
        assert mail["Bcc"] is None and len(mail.get_all("Subject")) == 1
        assert box.envelopes[0][1] == [aisha.email]

    @pytest.mark.parametrize("kind", list(NoticeKind))
    @pytest.mark.parametrize("language", list(Interface))
    def test_every_kind_has_its_words_in_either_language(self, mariam, box, kind, language):
        lead = a_lead(first_name="Layla")
        sql("DELETE FROM notices")
        sql("UPDATE users SET language = %s, mail_groups = %s", language.value, [group.value for group in NoticeGroup])
        sql(
            """INSERT INTO notices (user_id, kind, lead_id, facts, waits_for_mail)
               VALUES (%s, %s, %s, '{"who": "Layla", "count": 2, "source": "bayut", "failure": "no_key"}', true)""",
            mariam.user_id,
            kind.value,
            lead.lead_id,
        )

        assert send_mails() == Tally(1)

        (mail,) = box.arrived
        assert len(mail["Subject"]) > 5 and mail["Subject"] in " ".join(text_of(mail).split())
        assert "None" not in text_of(mail)


class TestLine:
    """How the mail server is spoken to."""

    PASSWORD = "AGRlc2sAcGEgc3M="  # desk, "pa ss"

    def test_encrypted_and_signed_in(self, aisha, tmp_path, monkeypatch):
        path = certificate(tmp_path)
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        context = sending.ssl.SSLContext(sending.ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        wants(aisha, LEADS)
        a_lead()
        with mailbox(tls=context, password=self.PASSWORD) as box:
            server = box.server("smtp+starttls", user="desk", password="pa ss")
            with used(server):
                assert send_mails() == Tally(1)
            assert sending.trial(server) is None
            wrong = box.server("smtp+starttls", user="desk", password="guessed")
            assert "user or password is wrong (535)" in sending.trial(wrong)
        assert box.was_encrypted and len(box.arrived) == 1

    def test_a_certificate_that_nobody_vouches_for_is_not_taken(self, tmp_path, app):
        context = sending.ssl.SSLContext(sending.ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate(tmp_path))
        with mailbox(tls=context) as box:
            assert "cannot be reached: SSLCertVerificationError" in sending.trial(box.server("smtp+starttls"))
        assert box.arrived == []

    def test_without_encryption_nothing_is_sent_where_it_was_asked_for(self, aisha, box):
        wants(aisha, LEADS)
        a_lead()
        with used(box.server("smtp+starttls")), pytest.raises(MailServerRefuses):
            send_mails()
        assert box.arrived == []

    def test_one_line_carries_all_mails_of_a_turn(self, aisha, yousef, box):
        for who in (aisha, yousef):
            wants(who, LEADS)
        for _lead in range(2):
            a_lead()

        assert send_mails() == Tally(2)
        assert box.lines == 1

    def test_the_password_is_in_no_text_of_the_settings(self):
        assert "secret" not in repr(Mailbox(25).server(user="desk", password="secret"))


class TestForget:
    def test_ended_ones_of_more_than_a_week_ago_go_and_their_notices_stay(self, aisha, box):
        wants(aisha, LEADS)
        a_lead()
        send_mails()
        sql("UPDATE mails SET ended_at = now() - interval '8 days'")

        assert notifications.forget_mails() == 1
        assert value("SELECT count(*) FROM notices WHERE mail_id IS NULL AND NOT waits_for_mail") == 1
        assert send_mails() == Tally()


def test_the_system_chooses_nothing(app):
    users.choose_mail(by=SYSTEM, groups=[LEADS])

    assert value("SELECT count(*) FROM users WHERE mail_groups <> '{}'") == 0
