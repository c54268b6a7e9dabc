"""The server does not start where it would be unsafe, and says everything that is to be mended (P5)."""

import os
import secrets
import subprocess
import sys
from contextvars import Context

import pytest
from sqlalchemy import make_url

from config import ROOT
from tests.conftest import connection, new_database
from tests.factories import sql, value
from tests.mailbox import mailbox
from tests.production import free_port
from webapp import create_app, launch
from webapp.deployment import unreadable_url
from webapp.extensions import db

KEY = secrets.token_hex(32)
SAFE = {
    "SECRET_KEY": KEY,
    "HOST": "0.0.0.0",
    "BASE_URL": "https://desk.example",
    "TRUSTED_HOSTS": "desk.example",
}
OURS = ("SECRET_KEY", "HOST", "PORT", "WORKERS", "BASE_URL", "TRUSTED_HOSTS", "FLASK_DEBUG", "DATABASE_URL", "DATA_DIR")
OURS += ("SMTP_URL", "MAIL_FROM")

# what is set otherwise than SAFE, and a part of what is said
UNSAFE = [
    ({"SECRET_KEY": None}, "SECRET_KEY is missing or shorter than 32"),
    ({"SECRET_KEY": ""}, "SECRET_KEY is missing or shorter than 32"),
    ({"SECRET_KEY": "x" * 31}, "SECRET_KEY is missing or shorter than 32"),
    ({"SECRET_KEY": " " * 64}, "SECRET_KEY is missing or shorter than 32"),
    ({"FLASK_DEBUG": "1"}, "FLASK_DEBUG is on"),
    ({"FLASK_DEBUG": "true"}, "FLASK_DEBUG is on"),
    ({"FLASK_DEBUG": "YES"}, "FLASK_DEBUG is on"),
    ({"FLASK_DEBUG": "on", "HOST": "127.0.0.1"}, "FLASK_DEBUG is on"),
    ({"TRUSTED_HOSTS": None}, "TRUSTED_HOSTS is empty"),
    ({"TRUSTED_HOSTS": " , "}, "TRUSTED_HOSTS is empty"),
    ({"TRUSTED_HOSTS": "*"}, "TRUSTED_HOSTS has '*'"),
    ({"TRUSTED_HOSTS": "desk.example,*.example"}, "TRUSTED_HOSTS has '*.example'"),
    ({"TRUSTED_HOSTS": "https://desk.example"}, "TRUSTED_HOSTS has 'https://desk.example'"),
    ({"TRUSTED_HOSTS": "other.example"}, "TRUSTED_HOSTS does not have desk.example"),
    ({"BASE_URL": None}, "BASE_URL is not an https address"),
    ({"BASE_URL": "http://desk.example"}, "BASE_URL is not an https address"),
    ({"BASE_URL": "https://"}, "BASE_URL is not a scheme, a host and nothing more"),
    ({"BASE_URL": "https://desk.example/leads"}, "BASE_URL is not a scheme, a host and nothing more"),
    ({"BASE_URL": "https://somebody:secret@desk.example"}, "BASE_URL is not a scheme, a host and nothing more"),
    ({"BASE_URL": "https://desk.example:port"}, "BASE_URL is not a scheme, a host and nothing more"),
    ({"BASE_URL": "desk.example"}, "BASE_URL is not a scheme, a host and nothing more"),
    ({"SMTP_URL": "mail.example:587"}, "SMTP_URL cannot be read"),
    ({"SMTP_URL": "https://mail.example"}, "SMTP_URL cannot be read"),
    ({"SMTP_URL": "smtp+starttls://:587"}, "SMTP_URL cannot be read"),
    ({"SMTP_URL": "smtps://mail.example:port"}, "SMTP_URL cannot be read"),
    ({"SMTP_URL": "smtps://mail.example/box"}, "SMTP_URL cannot be read"),
    ({"SMTP_URL": "smtps://desk@mail.example"}, "SMTP_URL has a user or a password without the other"),
    ({"SMTP_URL": "smtp://desk:secret@mail.example"}, "SMTP_URL would send the password unencrypted"),
    ({"SMTP_URL": "smtps://mail.example"}, "MAIL_FROM is missing"),
    ({"SMTP_URL": "smtps://mail.example", "MAIL_FROM": "Lead desk"}, "MAIL_FROM is not an e-mail address"),
    ({"SMTP_URL": "smtps://mail.example", "MAIL_FROM": "a@b.example, c@d.example"}, "MAIL_FROM is not an e-mail"),
    ({"SMTP_URL": "smtps://mail.example", "MAIL_FROM": "a@b.example", "BASE_URL": None}, "mails could not link"),
    ({"MAIL_FROM": "desk@mail.example"}, "MAIL_FROM is set without SMTP_URL"),
]


@pytest.fixture
def settings(app, monkeypatch, tmp_path):
    """Set the environment as it is SAFE on the tests' database, and then otherwise."""
    url = app.config["SQLALCHEMY_DATABASE_URI"]

    def settings(changes: dict) -> None:
        for name in OURS:
            monkeypatch.delenv(name, raising=False)
        for name, setting in {**SAFE, "DATABASE_URL": url, "DATA_DIR": str(tmp_path), **changes}.items():
            if setting is not None:
                monkeypatch.setenv(name, setting)

    return settings


def command(*words: str):
    """What became of one of our commands in this environment."""
    app = create_app(TESTING=True)
    # In an empty context: the tests' own app is not there.
    done = Context().run(app.test_cli_runner().invoke, args=words)
    with app.app_context():
        db.engine.dispose()
    return done


def checked() -> tuple[int, list[str]]:
    """What the check before the start says in this environment: its exit code and its lines."""
    done = command("check-deployment")
    return done.exit_code, done.stderr.splitlines()


def started() -> tuple[int, list[str]]:
    """How the server ends that is started in this environment, as `python3 run.py serve` starts it."""
    words = [sys.executable, "-m", "webapp.launch", "serve"]
    port = os.environ.get("PORT") or str(free_port())
    done = subprocess.run(words, cwd=ROOT, env=os.environ | {"PORT": port}, capture_output=True, text=True, timeout=60)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr.splitlines()


@pytest.mark.row("P5")
class TestRefusals:
    @pytest.mark.parametrize(("changes", "said"), UNSAFE, ids=lambda value: str(value)[:40])
    def test_an_unsafe_setting_is_named(self, settings, full, figure, changes, said):
        settings(changes)
        code, lines = started() if full else checked()

        assert code == 2
        assert [line for line in lines if said in line]
        assert "secret@" not in "".join(lines)
        figure("P5", "unsafe settings tried, each refused", len(UNSAFE))

    def test_the_demo_s_own_key_is_none(self, settings, tmp_path):
        (tmp_path / "secret_key").write_text(KEY)
        settings({})

        code, (line,) = checked()
        assert code == 2
        assert f"SECRET_KEY is the demo's own, which lies in {tmp_path / 'secret_key'}" in line

    def test_active_demo_accounts_are_named_where_the_server_is_seen(self, settings):
        sql(
            """INSERT INTO users (email, name, role, password_hash, is_demo)
               VALUES ('admin@demo.example', 'Demo Admin', 'admin', '-', true)"""
        )
        settings({})
        assert checked() == (2, ["The demo account admin@demo.example is active: use a database of your own."])
        settings({"HOST": "127.0.0.1"})
        assert checked()[0] == 0

    def test_another_revision_is_not_served(self, settings, server_url, template):
        with new_database(server_url, template=make_url(template).database) as url:
            with connection(url) as owner:
                owner.execute("UPDATE alembic_version SET version_num = 'another'")
            settings({"DATABASE_URL": url})
            code, (line,) = checked()
        assert code == 2
        assert "another revision than the code: run `flask --app wsgi db upgrade`" in line

    def test_an_empty_database_is_to_be_migrated(self, settings, empty_database):
        settings({"DATABASE_URL": empty_database})
        code, (line,) = checked()

        assert code == 2
        assert "run `flask --app wsgi db upgrade`" in line

    def test_a_database_that_is_away_is_said(self, settings):
        settings({"DATABASE_URL": f"postgresql://desk:secret@127.0.0.1:{free_port()}/desk"})

        assert checked() == (2, ["The database does not answer: check DATABASE_URL."])

    def test_everything_is_said_at_once(self, settings):
        settings({"SECRET_KEY": "short", "FLASK_DEBUG": "1", "BASE_URL": None, "TRUSTED_HOSTS": None})
        code, lines = checked()

        assert code == 2
        assert [line.split()[0] for line in lines] == ["SECRET_KEY", "FLASK_DEBUG", "BASE_URL", "TRUSTED_HOSTS"]


@pytest.mark.row("P5")
class TestTheStart:
    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"SECRET_KEY": None, "TRUSTED_HOSTS": "*"}, ["SECRET_KEY is missing", "TRUSTED_HOSTS has '*'"]),
            ({"DATABASE_URL": "mysql://desk:secret@127.0.0.1/desk"}, ["DATABASE_URL is not an address of PostgreSQL"]),
        ],
        ids=["unsafe", "impossible"],
    )
    def test_the_server_ends_with_2_and_says_why(self, settings, changes, said):
        settings(changes)
        code, lines = started()

        assert code == 2
        assert [sentence for sentence in said if not any(sentence in line for line in lines)] == []
        assert "secret" not in "".join(lines)

    @pytest.mark.parametrize("url", ["desk", "sqlite:///desk", "postgresql://desk:secret@[::1/desk"])
    def test_an_address_that_cannot_be_one_is_refused_without_its_password(self, url):
        assert "write it as postgresql://user:password@host/database." in unreadable_url(url)
        assert "secret" not in unreadable_url(url)

    @pytest.mark.parametrize("workers", ["many", "0", "-1", "2.5"])
    def test_a_number_of_processes_that_is_none_is_refused(self, settings, workers):
        settings({"WORKERS": workers})
        with pytest.raises(launch.Refused, match=f"WORKERS is '{workers}'"):
            launch.server_words("127.0.0.1", 8000)

    def test_a_mail_server_that_does_not_answer_is_said_before_anybody_misses_a_mail(self, settings):
        port = free_port()
        settings({"SMTP_URL": f"smtp://127.0.0.1:{port}", "MAIL_FROM": "Lead desk <desk@desk.example>"})
        assert checked()[0] == 0
        assert f"The mail server 127.0.0.1:{port} cannot be reached" in command("doctor", "--deploy").output

        with mailbox(port):
            assert "mail server" not in command("doctor", "--deploy").output

    def test_commands_never_refuse_for_these(self, settings):
        settings({"SECRET_KEY": "short", "FLASK_DEBUG": "1", "BASE_URL": "http://x", "TRUSTED_HOSTS": "*"})
        done = command("agents", "add", "aisha@desk.example", "--name", "Aisha Khan", "--phone", "0501234567")

        assert done.exit_code == 0, done.output


@pytest.mark.row("P5")
class TestWarnings:
    def test_a_superuser_is_only_a_warning(self, settings):
        superuser = value("SELECT rolsuper FROM pg_roles WHERE rolname = session_user")
        settings({})
        code, lines = checked()

        assert code == 0
        assert ["is a superuser: an ordinary owner is enough." in line for line in lines] == [True] * superuser

    def test_loopback_needs_neither_https_nor_hosts(self, settings):
        for host in ("127.0.0.1", "localhost", "::1"):
            settings({"HOST": host, "BASE_URL": None, "TRUSTED_HOSTS": None})
            assert checked()[0] == 0
        settings({"HOST": "127.0.0.1.example", "BASE_URL": None, "TRUSTED_HOSTS": None})
        assert checked()[0] == 2
