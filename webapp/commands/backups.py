"""Backups of the database, and how it comes back."""

import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from webapp.commands.checks import examined, tell
from webapp.commands.endings import Unable, refusals
from webapp.database import backup as backups_on_disk
from webapp.database.client import Trouble
from webapp.services import backups, health
from webapp.services.backups import BACKUP

FILE = click.argument("file", type=click.Path(path_type=Path))


class no_traceback:
    """Trouble with files, programs or servers ends the command with its sentence and 2."""

    def __enter__(self):
        return self

    def __exit__(self, _kind, error, _trace):
        if isinstance(error, Trouble):
            raise Unable(str(error)) from None


@click.command("backup")
@FILE
@click.option("--force", is_flag=True, help="Replace the file where it is there already.")
@with_appcontext
def backup(file, force):
    """Write the whole database to FILE, while people work on."""
    with no_traceback():
        made = backups_on_disk.make(database(), file, force=force)
    with refusals():
        backups.record_made(by=BACKUP, file=str(made.file), size=made.size, sha256=made.sha256)
    click.echo(f"{made.file}: {made.size:,} bytes, sha256 {made.sha256}")


@click.command("restore")
@FILE
@click.option("--check", is_flag=True, help="Only say whether the file is whole and can be read here.")
@with_appcontext
def restore(file, check):
    """Fill the empty database of DATABASE_URL from FILE. Starts neither server nor worker."""
    with no_traceback():
        if check:
            whole = backups_on_disk.check(file)
            click.echo(f"{whole.file} is whole: {whole.size:,} bytes, sha256 {whole.sha256}")
            return
        restored = backups_on_disk.restore(database(), file)
    if not health.look().revision:
        click.echo("Restored, on another revision than the code: run `flask --app wsgi db upgrade`, then `doctor`.")
        return
    with refusals():
        backups.record_restored(by=BACKUP, file=str(restored.file), sha256=restored.sha256)
    click.echo("Restored: " + ", ".join(f"{count:,} {what}" for what, count in backups.counts().items()))
    sys.exit(tell(examined()))


def database() -> str:
    return current_app.config["SQLALCHEMY_DATABASE_URI"]
