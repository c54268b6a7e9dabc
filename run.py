#!/usr/bin/env python3
"""The one command: python3 run.py [serve|test|bench|lint|stop]. Needs nothing but Python 3.11.

Makes the environment, then hands over: webapp.launch runs things, pytest and the linters check them.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
DEBIAN_BROWSER = ("chromium", "fonts-dejavu-core", "fonts-noto-core")
PLAYWRIGHT_PATH = """
from playwright.sync_api import sync_playwright
with sync_playwright() as browsers:
    print(browsers.chromium.executable_path)
"""
USAGE = "usage: python3 run.py [serve|test|bench|lint|stop]"


class Refused(Exception):
    """Why the command cannot go on: one sentence that says what to do."""


def run(words):
    launch("run", words)


def serve(words):
    launch("serve", words)


def stop(words):
    launch("stop", words)


def launch(command, words):
    """Hand this process over to the environment's Python."""
    if words:
        raise Refused(USAGE)
    environment("requirements.txt")
    os.execv(PYTHON, [str(PYTHON), "-m", "webapp.launch", command])


def test(words):
    """All tests, or those that pytest's arguments choose."""
    environment("requirements-dev.txt")
    os.environ["CHROMIUM"] = browser()
    prepare_driver()
    return call(PYTHON, "-m", "pytest", "-n", "2", *words)


def bench(words):
    environment("requirements-dev.txt")
    return call(PYTHON, "-m", "bench", *words)


def lint(words):
    """Every check runs, so that one look shows all there is to mend."""
    environment("requirements-dev.txt")
    checks = [
        (PYTHON, "-m", "ruff", "format", "--check", "."),
        (PYTHON, "-m", "ruff", "check", "."),
        (PYTHON, "-m", "mypy", "webapp"),
        (PYTHON, "scripts/check_migration_docs.py"),
    ]
    return max([call(*check) for check in checks])


COMMANDS = {"run": run, "serve": serve, "test": test, "bench": bench, "lint": lint, "stop": stop}


def call(*words):
    """The exit code of a command; its output is the reader's."""
    return subprocess.run([str(word) for word in words]).returncode


def quietly(*words):
    """A command whose output matters only when it fails."""
    return subprocess.run(
        [str(word) for word in words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )


def environment(requirements):
    """The virtual environment holds exactly this file's pins; nothing happens while they have not changed."""
    with open(__file__) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        pins = {name: fingerprint(name) for name in ("requirements.txt", requirements)}
        if PYTHON.exists() and all(installed(name) == pin for name, pin in pins.items()):
            return
        make_venv()
        print(f"Installing {requirements} (up to a minute the first time) ...", flush=True)
        install(requirements)
        for name, pin in pins.items():
            mark(name).write_text(pin)


def fingerprint(requirements):
    return hashlib.sha256((ROOT / requirements).read_bytes()).hexdigest()


def mark(requirements):
    return VENV / f"{requirements}.sha256"


def installed(requirements):
    return mark(requirements).read_text() if mark(requirements).exists() else ""


def make_venv():
    """An environment that works, whatever a killed or older one left behind."""
    if PYTHON.exists() and (shutil.which("uv") or quietly(PYTHON, "-c", "import pip").returncode == 0):
        return
    made = quietly(sys.executable, "-m", "venv", "--clear", VENV)
    if made.returncode and shutil.which("uv"):
        made = quietly("uv", "venv", "--clear", "--python", sys.executable, VENV)
    if made.returncode:
        refuse_full_disk()
        raise Refused(
            "This Python cannot make a virtual environment: install its venv module "
            "(Debian and Ubuntu: apt-get install python3-venv) and start again."
        )


def install(requirements):
    wanted = ("-r", ROOT / requirements)
    ways = [(PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check", *wanted)]
    if shutil.which("uv"):
        ways.insert(0, ("uv", "pip", "install", "-q", "--compile-bytecode", "--python", PYTHON, *wanted))
    for way in ways:
        done = quietly(*way)
        if done.returncode == 0:
            return
    refuse_full_disk()
    reasons = [line for line in done.stdout.splitlines() if "error" in line.lower()]
    reason = reasons[-1].strip() if reasons else f"exit code {done.returncode}"
    raise Refused(
        f"The packages of {requirements} could not be installed ({reason}): "
        "connect to the network, which the first start needs, and start again."
    )


def refuse_full_disk():
    if shutil.disk_usage(ROOT).free < 50_000_000:
        raise Refused(f"The disk that holds {ROOT} is full: make room (600 MB) and start again.")


def browser():
    """The path of a browser for the tests, installed if there is none."""
    ways = [find_browser]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        ways.append(debian_browser)
    ways.append(playwright_browser)
    for way in ways:
        if found := way():
            return found
    raise Refused(
        "The tests need a browser and none could be installed: install Chromium or Chrome "
        "(or set CHROMIUM to its path) and start again."
    )


def prepare_driver():
    """What drives the browser in the tests starts; on a bare Debian it lacks a library that compilers bring along."""
    starts = (PYTHON, "-m", "playwright", "--version")
    if quietly(*starts).returncode == 0:
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        install_debian("libatomic1")
    if quietly(*starts).returncode:
        raise Refused("The tests' browser driver does not start: install libatomic1 and start again.")


def install_debian(*packages):
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    quietly("apt-get", "update")
    quietly("apt-get", "install", "-y", "--no-install-recommends", *packages)


def find_browser():
    # A transitional package leaves a script that only says what to install, so ask each for its version.
    for name in (os.environ.get("CHROMIUM"), *BROWSERS):
        path = shutil.which(name) if name else None
        if path and quietly(path, "--version").returncode == 0:
            return path
    return None


def debian_browser():
    print("Installing Chromium for the browser tests ...", flush=True)
    install_debian(*DEBIAN_BROWSER)
    return find_browser()


def playwright_browser():
    print("Fetching Playwright's Chromium for the browser tests ...", flush=True)
    needs = ["--with-deps"] if os.geteuid() == 0 else []
    quietly(PYTHON, "-m", "playwright", "install", *needs, "chromium")
    path = quietly(PYTHON, "-c", PLAYWRIGHT_PATH).stdout.strip()
    return path if Path(path).is_file() else None


def prepare():
    """What every command relies on: a Python that is new enough, paths that do not depend on the folder."""
    if sys.version_info < (3, 11):
        this = sys.version.split()[0]
        raise Refused(f"Python 3.11 or newer is needed, and this is {this}: start it with a newer one.")
    if data_dir := os.environ.get("DATA_DIR"):
        os.environ["DATA_DIR"] = os.path.abspath(data_dir)
    # Without compiled modules every start takes seconds longer.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.chdir(ROOT)


def main(words):
    name, words = (words[0], words[1:]) if words else ("run", [])
    try:
        if name not in COMMANDS:
            raise Refused(USAGE)
        prepare()
        return COMMANDS[name](words)
    except Refused as refused:
        print(refused, file=sys.stderr)
    except OSError as error:
        print(f"{error.strerror}: {error.filename or ROOT}. Mend that and start again.", file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
