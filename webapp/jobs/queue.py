"""The queue (Procrastinate, MIT, docs/decisions/0003-libraries.md): our jobs as its periodic tasks, in PostgreSQL."""

import procrastinate
from flask import Flask
from sqlalchemy import make_url

from webapp.jobs import JOBS, Job

RETRIES = procrastinate.RetryStrategy(max_attempts=5, exponential_wait=2)
STALLED_AFTER = 60
FINISH_WITHIN = 25


def open_queue(app: Flask) -> procrastinate.App:
    """The queue on the app's database, with every job as a task that runs in the app's context."""
    address = make_url(app.config["SQLALCHEMY_DATABASE_URI"]).set(drivername="postgresql")
    connector = procrastinate.PsycopgConnector(
        conninfo=address.render_as_string(hide_password=False), min_size=0, max_size=4
    )
    queue = procrastinate.App(connector=connector)
    for name, job in JOBS.items():
        _add(queue, app, name, job)
    _add_retry_of_stalled(queue)
    return queue


def work(app: Flask) -> None:
    """Run the worker until it is told to stop; a running job ends first."""
    queue = open_queue(app)
    with queue.open():
        queue.run_worker(
            concurrency=2,
            fetch_job_polling_interval=5,
            delete_jobs="successful",
            shutdown_graceful_timeout=FINISH_WITHIN,
        )


def _add(queue: procrastinate.App, app: Flask, name: str, job: Job) -> None:
    def run(timestamp: int) -> None:
        with app.app_context():
            job.work()

    task = queue.task(name=name, queueing_lock=name, lock=name, retry=RETRIES)(run)
    queue.periodic(cron=job.cron, periodic_id=name)(task)


def _add_retry_of_stalled(queue: procrastinate.App) -> None:
    """Jobs of a worker that died are taken up again; without a lock, which the dead one might hold."""

    async def retry_stalled(timestamp: int) -> None:
        for job in await queue.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
            await queue.job_manager.retry_job(job)

    task = queue.task(name="retry_stalled", queueing_lock="retry_stalled")(retry_stalled)
    queue.periodic(cron="* * * * *", periodic_id="retry_stalled")(task)
