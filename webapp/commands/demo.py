"""The made-up office."""

import click
from flask.cli import AppGroup

from webapp import demo
from webapp.commands.endings import refusals

group = AppGroup("demo", help="Demo data.")


@group.command("seed")
@click.option("--leads", default=640, show_default=True)
@click.option("--agents", "agent_count", default=12, show_default=True)
@click.option("--seed", default=42, show_default=True)
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day the demo is told from; today.")
def seed_demo(leads, agent_count, seed, as_of):
    """Make an office that looks like Dubai; the same seed and day make the same rows."""
    with refusals():
        click.echo(demo.seed(leads=leads, agents=agent_count, seed=seed, as_of=as_of))


@group.command("logins")
def demo_logins():
    """Print the demo's logins, if this is the demo."""
    for line in demo.logins():
        click.echo(line)
