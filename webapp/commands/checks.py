"""Whether the server may start here, and whether the data is sound."""

import os
import sys

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import DBAPIError

from webapp import deployment
from webapp.commands.endings import Unable
from webapp.mail import sending
from webapp.services import doctor, health
from webapp.services.doctor import Finding
from webapp.transaction import release

QUEUE_CONNECTIONS = 4


@click.command("check-deployment")
@with_appcontext
def check_deployment():
    """Say everything that the server would not start with here, if so."""
    problems = deployment.problems()
    for sentence in problems or deployment.warnings():
        click.echo(sentence, err=True)
    if problems:
        sys.exit(2)


@click.command("doctor")
@click.option("--deploy", is_flag=True, help="Look at the server and its settings instead of the data.")
@with_appcontext
def examine(deploy):
    """Recompute what is stored and list every difference. Ends with 1 where something is wrong; mends nothing."""
    if deploy:
        sys.exit(look_at_the_server())
    refuse_unmigrated()
    sys.exit(tell(examined()))


def refuse_unmigrated() -> None:
    state = health.look()
    if not state.database:
        raise Unable("The database does not answer: check DATABASE_URL.")
    if not state.revision:
        raise Unable("The database is on another revision than the code: run `flask --app wsgi db upgrade` first.")


def examined() -> list[Finding]:
    """What the doctor finds; it may take minutes, in which nothing else is kept open."""
    release()
    try:
        return doctor.examine()
    except DBAPIError as error:
        reason = str(error.orig).splitlines()[0]
        raise Unable(f"The database could not be examined ({reason}): try again.") from error


def tell(findings: list[Finding]) -> int:
    """List what was found; 1 where a rule is broken, 0 where at most something was kept from older data."""
    for finding in findings:
        kind = "Kept from older data" if finding.kept else "Wrong"
        click.echo(f"{kind}: {finding.check.wrong} ({finding.check.name}, {finding.count})")
        for difference in finding.differences:
            click.echo(f"  {difference.subject}: {difference.stored} - right: {difference.right}")
        if more := finding.count - len(finding.differences):
            click.echo(f"  and {more} more")
    wrong = sum(not finding.kept for finding in findings)
    click.echo(f"{len(doctor.CHECKS)} checks: {f'{wrong} found something wrong' if wrong else 'nothing is wrong'}.")
    return 1 if wrong else 0


def look_at_the_server() -> int:
    """List everything that keeps the server from starting, or that is unwise; 1 where there is any."""
    found = [*deployment.problems(), *deployment.warnings(), *doctor.unwise(connections=connections())]
    server = current_app.config["MAIL"]
    if server and (trouble := sending.trial(server)):
        found.append(trouble)
    for sentence in found:
        click.echo(sentence)
    if not found:
        click.echo("Nothing stands in the way.")
    return 1 if found else 0


def connections() -> int:
    """As many as all our processes may hold: those of the server, and the worker with its queue."""
    given = os.environ.get("WORKERS") or ""
    processes = int(given) if given.isdecimal() else 2
    pool = current_app.config["SQLALCHEMY_ENGINE_OPTIONS"]
    return (processes + 1) * (pool["pool_size"] + pool["max_overflow"]) + QUEUE_CONNECTIONS
