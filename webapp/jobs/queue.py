"""The queue (Procrastinate, MIT, docs/decisions/0003-libraries.md): our jobs as its periodic tasks, in PostgreSQL."""

import asyncio
import logging
import signal
from contextlib import suppress
from datetime import UTC, datetime

import procrastinate
from flask import Flask
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException, JobAborted
from sqlalchemy import make_url

from webapp import stopping
from webapp.jobs import JOBS, Job, take_turn
from webapp.models.jobs import ATTEMPTS

RETRIES = procrastinate.RetryStrategy(max_attempts=ATTEMPTS, exponential_wait=2)
STALLED_AFTER = 60
ASKED = "SELECT turn_id, job, extract(epoch FROM due_at)::bigint AS due FROM job_turns WHERE state = 'asked'"
FINISH_WITHIN = 3
AGAIN_AFTER = 2
# A dead network ends the queue's connections too.
CONNECTION = {
    "connect_timeout": 3,
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}

log = logging.getLogger(__name__)


def open_queue(app: Flask) -> procrastinate.App:
    """The queue on the app's database, with every job as a task that runs in the app's context."""
    address = make_url(app.config["SQLALCHEMY_DATABASE_URI"]).set(drivername="postgresql")
    connector = procrastinate.PsycopgConnector(
        conninfo=address.render_as_string(hide_password=False), kwargs=CONNECTION, min_size=0, max_size=4, timeout=3
    )
    queue = procrastinate.App(connector=connector)
    for name, job in JOBS.items():
        _add(queue, app, name, job)
    _add_retry_of_stalled(queue)
    _add_what_is_asked_for(queue)
    return queue


def work(app: Flask) -> None:
    """Run the worker until it is told to stop: a short job ends first, a long one stops between two items.

    A database that goes away is waited for.
    """
    asyncio.run(_until_told(app))


async def _until_told(app: Flask) -> None:
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    while not told.is_set():
        try:
            await _until_told_or_lost(open_queue(app), told)
        except ConnectorException:
            log.warning("The worker cannot reach the database and tries again.")
            with suppress(TimeoutError):
                await asyncio.wait_for(told.wait(), AGAIN_AFTER)


async def _until_told_or_lost(queue: procrastinate.App, told: asyncio.Event) -> None:
    async with queue.open_async():
        worker = asyncio.create_task(
            queue.run_worker_async(
                concurrency=2,
                fetch_job_polling_interval=5,
                delete_jobs="always",
                shutdown_graceful_timeout=FINISH_WITHIN,
                install_signal_handlers=False,
            )
        )
        stop = asyncio.create_task(told.wait())
        await asyncio.wait({worker, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if told.is_set():
            worker.cancel()
        with suppress(asyncio.CancelledError):
            await worker


def _add(queue: procrastinate.App, app: Flask, name: str, job: Job) -> None:
    def run(context: procrastinate.JobContext, timestamp: int) -> None:
        with app.app_context(), stopping.told_by(context.should_abort):
            take_turn(name, due=datetime.fromtimestamp(timestamp, UTC), attempt=context.job.attempts + 1)
        if context.should_abort():
            # What it left is taken up by the next worker.
            raise JobAborted

    # No queueing lock: one that was stopped must come back even while its next turn waits already.
    task = queue.task(name=name, lock=name, retry=RETRIES, pass_context=True)(run)
    queue.periodic(cron=job.cron, periodic_id=name)(task)


def _add_retry_of_stalled(queue: procrastinate.App) -> None:
    """Jobs of a worker that died are taken up again; without a lock, which the dead one might hold."""

    async def retry_stalled(timestamp: int) -> None:
        for job in await queue.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
            await queue.job_manager.retry_job(job)

    task = queue.task(name="retry_stalled", queueing_lock="retry_stalled")(retry_stalled)
    queue.periodic(cron="* * * * *", periodic_id="retry_stalled")(task)


def _add_what_is_asked_for(queue: procrastinate.App) -> None:
    """Turns that somebody asked for join the queue, each once."""

    async def take_asked(timestamp: int) -> None:
        for turn in await queue.connector.execute_query_all_async(ASKED):
            asked = queue.tasks[turn["job"]].configure(lock=turn["job"], queueing_lock=str(turn["turn_id"]))
            with suppress(AlreadyEnqueued):
                await asked.defer_async(timestamp=turn["due"])

    task = queue.task(name="take_asked", queueing_lock="take_asked")(take_asked)
    queue.periodic(cron="* * * * *", periodic_id="take_asked")(task)
