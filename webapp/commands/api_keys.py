"""Keys for programs that bring leads."""

import click
from flask.cli import AppGroup

from webapp.commands.endings import refusals
from webapp.services import api_keys
from webapp.services.access import SYSTEM

group = AppGroup("api-keys", help="Keys for programs that bring leads.")


@group.command("add")
@click.argument("name")
def add(name):
    """Make a key and print it, this once."""
    with refusals():
        click.echo(api_keys.add(name, by=SYSTEM).token)
