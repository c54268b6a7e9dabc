"""Periodic and queued work."""

import click
from flask.cli import AppGroup, pass_script_info

from webapp.commands.endings import refusals
from webapp.jobs import JOBS, queue

group = AppGroup("jobs", help="Periodic work.")


@group.command("run")
@click.argument("name", type=click.Choice(list(JOBS)))
def run_job(name):
    """Do one job now."""
    with refusals():
        click.echo(f"{name}: {JOBS[name].work()}")


@group.command("worker")
@pass_script_info
def work(info):
    """Run the queue's worker and the periodic jobs until stopped."""
    queue.work(info.load_app())
