"""What `python3 run.py` does once the environment is there: everything up, watched, and down again."""

import errno
import fcntl
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

import config
from webapp.database import embedded
from webapp.database.binaries import ServerTrouble
from webapp.deployment import is_loopback, unreadable_url

Running = dict[str, subprocess.Popen]

PATIENCE = 60
FINISH_WITHIN = 25
GRACE = 30
ENDING = (signal.SIGTERM, signal.SIGHUP)


class Refused(Exception):
    """Why it cannot start: one sentence that says what to do."""


def run() -> None:
    """The demo: migrations, demo data on the first start, worker and server, until Ctrl-C."""
    host, port = address()
    words = server_words(host, port)
    with only_one(), database() as server:
        refuse_taken_port(host, port)
        flask("db", "upgrade", refusal="The migrations stopped: mend what is said above and start again.")
        if not is_loopback(host):
            flask("check-deployment", refusal="")
        elif nobody_lives_here():
            print("First start: making the demo data ...", flush=True)
            flask("demo", "seed", refusal="The demo data stopped: mend what is said above and start again.")
        with children({"The worker": flask_words("jobs", "worker"), "The server": words}) as running:
            wait_until_it_answers(host, port, running)
            print(f"\nThe lead desk is at {shown_address(host, port)}   (Ctrl-C stops it)", flush=True)
            flask("demo", "logins", refusal="The demo logins could not be listed.")
            watch(running, server)


def serve() -> None:
    """The server alone, on a database that is migrated, and only as it may be seen from outside."""
    host, port = address()
    words = server_words(host, port)
    os.environ.setdefault("LOG_REQUESTS", "1")
    with database() as server:
        refuse_taken_port(host, port)
        flask("check-deployment", refusal="")
        with children({"The server": words}) as running:
            wait_until_it_answers(host, port, running)
            print(f"The lead desk is at {shown_address(host, port)}", flush=True)
            watch(running, server)


def stop() -> None:
    """End the run.py of this DATA_DIR, if there is one, and the embedded server."""
    if (holder := run_lock_holder()) is not None:
        os.kill(holder, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        while run_lock_holder() is not None and time.monotonic() < deadline:
            time.sleep(0.2)
    embedded.Server(embedded.where(config.data_dir())).stop()


COMMANDS = {"run": run, "serve": serve, "stop": stop}


def address() -> tuple[str, int]:
    """HOST and PORT; the commands that are called see them too."""
    host = os.environ.setdefault("HOST", "127.0.0.1")
    given = os.environ.setdefault("PORT", "8000")
    if not given.isdecimal() or not 0 < int(given) < 65536:
        raise Refused(f"PORT is {given!r}: set it to a number from 1 to 65535.")
    return host, int(given)


def shown_address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def refuse_taken_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise Refused(
                    f"Port {port} on {host} is taken: stop what uses it, or choose another: PORT={port + 1}."
                ) from error
            reason = f"HOST={host} PORT={port} cannot be used ({error.strerror})"
            raise Refused(f"{reason}: set others.") from error


@contextmanager
def only_one() -> Iterator[None]:
    """Two run.py on one DATA_DIR would pull the server from under each other."""
    path = run_lock()
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Refused(
                f"Another run.py is at work in {path.parent}: use that one, "
                "stop it (python3 run.py stop), or set DATA_DIR to another folder."
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
        lock.truncate(0)


def run_lock() -> Path:
    return config.data_dir() / "run.lock"


def run_lock_holder() -> int | None:
    """The process id of the run.py that is at work in DATA_DIR."""
    if not run_lock().exists():
        return None
    with open(run_lock()) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(lock.read() or 0) or None
    return None


@contextmanager
def database() -> Iterator[embedded.Server | None]:
    """The configured database answers; an embedded server is stopped at the end if nobody else uses it."""
    if given := os.environ.get("DATABASE_URL"):
        if unreadable := unreadable_url(given):
            raise Refused(unreadable)
        refuse_silent_database()
        yield None
        return
    place = embedded.where(config.data_dir())
    if config.data_dir() not in place.parents:
        print(f"PostgreSQL cannot get into {config.data_dir()} here; its files are in {place}.", flush=True)
    embedded.running_url(config.data_dir())
    server = embedded.Server(place)
    try:
        yield server
    finally:
        with undisturbed():
            server.stop_if_unused()


def refuse_silent_database() -> None:
    try:
        connect().close()
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[-1]
        raise Refused(f"The database of DATABASE_URL does not answer ({reason}): correct it.") from error


def connect() -> psycopg.Connection:
    url = config.database_url().replace("postgresql+psycopg://", "postgresql://", 1)
    return psycopg.connect(url, connect_timeout=10)


def nobody_lives_here() -> bool:
    """Neither users nor leads: demo data never mixes with somebody's own."""
    with connect() as connection:
        found = connection.execute("SELECT EXISTS (SELECT FROM users) OR EXISTS (SELECT FROM leads)").fetchone()
    return found == (False,)


def flask_words(*words: str) -> list[str]:
    return [sys.executable, "-m", "flask", "--app", "wsgi", *words]


def flask(*words: str, refusal: str) -> None:
    """One of the app's commands; where it says itself why it failed, `refusal` is empty."""
    if subprocess.run(flask_words(*words), cwd=config.ROOT, stdin=subprocess.DEVNULL).returncode:
        raise Refused(refusal)


def server_words(host: str, port: int) -> list[str]:
    workers = os.environ.get("WORKERS") or "2"
    if not workers.isdecimal() or int(workers) < 1:
        raise Refused(f"WORKERS is {workers!r}: set it to the number of processes, such as 2.")
    words = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)]
    words += ["--workers", workers, "--blocking-threads", "2", "--backpressure", "64"]
    words += ["--workers-kill-timeout", str(FINISH_WITHIN)]
    return [*words, "--respawn-failed-workers", "--log-level", "warning", "wsgi:app"]


@contextmanager
def children(commands: dict[str, list[str]]) -> Iterator[Running]:
    """The processes, in sessions of their own: Ctrl-C reaches them through us alone, and once."""
    running: Running = {}
    try:
        for name, words in commands.items():
            running[name] = subprocess.Popen(words, cwd=config.ROOT, start_new_session=True)
        yield running
    finally:
        with undisturbed():
            end(running)


def end(running: Running) -> None:
    for child in running.values():
        child.terminate()
    deadline = time.monotonic() + GRACE
    for child in running.values():
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def wait_until_it_answers(host: str, port: int, running: Running) -> None:
    reach = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        refuse_ended(running)
        connection = http.client.HTTPConnection(reach, port, timeout=5)
        try:
            connection.request("GET", "/livez")
            if connection.getresponse().status < 500:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise Refused(f"The server does not answer at {shown_address(host, port)}: its reason is above.")


def watch(running: Running, server: embedded.Server | None) -> None:
    """Until a signal comes. An embedded server that was killed is started again."""
    while True:
        refuse_ended(running)
        if server and not server.is_alive():
            server.start()
        time.sleep(0.5)


def refuse_ended(running: Running) -> None:
    for name, child in running.items():
        if (code := child.poll()) is not None:
            raise Refused(f"{name} ended by itself (code {code}): its reason is above.")


@contextmanager
def undisturbed() -> Iterator[None]:
    """A second Ctrl-C does not cut the stopping short."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, *ENDING)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def main(command: str) -> int:
    """0 when it was stopped, 2 after one sentence when it could not go on."""
    for number in ENDING:
        signal.signal(number, signal.default_int_handler)
    try:
        COMMANDS[command]()
    except KeyboardInterrupt:
        print("Stopped.")
    except (Refused, ServerTrouble) as refused:
        print(refused, end="\n" if str(refused) else "", file=sys.stderr)
        return 2
    except OSError as error:
        place = error.filename or config.data_dir()
        print(f"{error.strerror}: {place}. Mend that and start again.", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
