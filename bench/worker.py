"""A turn of one of the worker's jobs, in a process of its own."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass

from config import ROOT


@dataclass(frozen=True)
class Turn:
    """How many things were done, in how many seconds, and how much memory the whole process took at most."""

    done: int
    seconds: float
    megabytes: float


def turn(job: str) -> Turn:
    """Let the worker do this job once, now."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "jobs", "run", job]
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    said = process.stdout.read() if process.stdout else ""
    _pid, status, used = os.wait4(process.pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    return Turn(int(said.rpartition(" ")[2]), time.perf_counter() - began, used.ru_maxrss / 1024)
