"""The command line: `flask --app wsgi ...` (docs/operations.md)."""

import sys

import click
from flask import Flask
from flask.cli import AppGroup, pass_script_info, with_appcontext

from webapp import demo, deployment
from webapp.errors import Refused
from webapp.jobs import JOBS, queue
from webapp.services import agents, users
from webapp.services.access import SYSTEM
from webapp.vocabulary import PropertyType, Role, SpokenLanguage

agents_group = AppGroup("agents", help="The agents of the office.")
users_group = AppGroup("users", help="The people who sign in.")
demo_group = AppGroup("demo", help="Demo data.")
jobs_group = AppGroup("jobs", help="Periodic work.")


def init_app(app: Flask) -> None:
    for group in (agents_group, users_group, demo_group, jobs_group):
        app.cli.add_command(group)
    app.cli.add_command(check_deployment)


def several(_context, _parameter, value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


@agents_group.command("add")
@click.argument("email")
@click.option("--name", required=True)
@click.option("--phone", required=True)
@click.option("--types", callback=several, default="", help="apartment,villa,townhouse,commercial")
@click.option("--areas", callback=several, default="", help="Dubai Marina,JVC")
@click.option("--languages", callback=several, default="", help="arabic,english")
def add_agent(email, name, phone, types, areas, languages):
    """Add an agent, on duty from now on."""
    with refusals():
        agent = agents.add(
            email,
            by=SYSTEM,
            name=name,
            phone=phone,
            types=words(PropertyType, types),
            at_home_in=areas,
            languages=words(SpokenLanguage, languages),
        )
    click.echo(f"{agent.full_name} is agent {agent.agent_id}.")


@users_group.command("add")
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--name", help="As colleagues see it; without it the part before the @.")
@click.option("--agent", "agent_email", help="The e-mail of the agent this user is.")
@click.option("--password-stdin", is_flag=True, required=True, help="Read the password from standard input.")
def add_user(email, role, name, agent_email, password_stdin):
    """Add somebody who may sign in."""
    password = sys.stdin.readline().rstrip("\n")
    with refusals():
        user = users.add(
            email,
            by=SYSTEM,
            name=name or email.partition("@")[0],
            role=Role(role),
            password=password,
            agent_email=agent_email,
        )
    click.echo(f"{user.name} may sign in as {user.role}.")


@demo_group.command("seed")
@click.option("--leads", default=640, show_default=True)
@click.option("--agents", "agent_count", default=12, show_default=True)
@click.option("--seed", default=42, show_default=True)
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day the demo is told from; today.")
def seed_demo(leads, agent_count, seed, as_of):
    """Make an office that looks like Dubai; the same seed and day make the same rows."""
    with refusals():
        click.echo(demo.seed(leads=leads, agents=agent_count, seed=seed, as_of=as_of))


@demo_group.command("logins")
def demo_logins():
    """Print the demo's logins, if this is the demo."""
    for line in demo.logins():
        click.echo(line)


@jobs_group.command("run")
@click.argument("name", type=click.Choice(list(JOBS)))
def run_job(name):
    """Do one job now."""
    with refusals():
        click.echo(f"{name}: {JOBS[name].work()}")


@jobs_group.command("worker")
@pass_script_info
def work(info):
    """Run the queue's worker and the periodic jobs until stopped."""
    queue.work(info.load_app())


@click.command("check-deployment")
@with_appcontext
def check_deployment():
    """Say why the server would not start here, if so."""
    if problem := deployment.problem():
        click.echo(problem, err=True)
        sys.exit(2)


class refusals:
    """What a service refuses ends the command with its sentence."""

    def __enter__(self):
        return self

    def __exit__(self, _kind, error, _trace):
        if isinstance(error, Refused):
            raise click.ClickException(str(error.message)) from None


def words(vocabulary, values):
    known = {word.value: word for word in vocabulary}
    for value in values:
        if value not in known:
            raise click.BadParameter(f"{value!r} is none of {', '.join(known)}.")
    return [known[value] for value in values]
