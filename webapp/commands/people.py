"""Who works here and who signs in."""

import sys

import click
from flask.cli import AppGroup

from webapp.commands.endings import refusals
from webapp.services import agents, users
from webapp.services.access import SYSTEM
from webapp.services.agents import Profile
from webapp.vocabulary import PropertyType, Role, SpokenLanguage

agents_group = AppGroup("agents", help="The agents of the office.")
users_group = AppGroup("users", help="The people who sign in.")


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
        profile = Profile(
            full_name=name,
            email=email,
            phone=phone,
            types=words(PropertyType, types),
            areas=areas,
            languages=words(SpokenLanguage, languages),
        )
        agent = agents.add(profile, by=SYSTEM)
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


@users_group.command("password")
@click.argument("email")
@click.option("--password-stdin", is_flag=True, required=True, help="Read the new password from standard input.")
def set_password(email, password_stdin):
    """Give somebody a new password; they are signed out everywhere."""
    with refusals():
        user = users.set_password(email, by=SYSTEM, password=sys.stdin.readline().rstrip("\n"))
    click.echo(f"{user.name} has a new password and is signed out everywhere.")


def words(vocabulary, values):
    known = {word.value: word for word in vocabulary}
    for value in values:
        if value not in known:
            raise click.BadParameter(f"{value!r} is none of {', '.join(known)}.")
    return [known[value] for value in values]
