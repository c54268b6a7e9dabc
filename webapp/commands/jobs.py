"""Periodic and queued work."""

import click
from flask.cli import AppGroup, pass_script_info

from webapp import clock
from webapp.commands.endings import refusals
from webapp.jobs import JOBS, queue, take_turn
from webapp.stopping import Tally

group = AppGroup("jobs", help="Periodic work.")


@group.command("run")
@click.argument("name", type=click.Choice(list(JOBS)))
def run_job(name):
    """Do one job now."""
    with refusals():
        tally = take_turn(name, due=clock.now()) or Tally()
        click.echo(f"{name}: {tally.done}")
        if tally.failed:
            click.echo(f"Not done, and the log says why: {tally.failed}", err=True)


@group.command("worker")
@pass_script_info
def work(info):
    """Run the queue's worker and the periodic jobs until stopped."""
    queue.work(info.load_app())
