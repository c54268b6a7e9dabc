"""The command line: `flask --app wsgi ...` (docs/operations.md)."""

from flask import Flask

from webapp.commands import backups, checks, demo, jobs, listings, people

COMMANDS = (
    people.agents_group,
    people.users_group,
    listings.group,
    demo.group,
    jobs.group,
    checks.check_deployment,
    checks.examine,
    backups.backup,
    backups.restore,
)


def init_app(app: Flask) -> None:
    for command in COMMANDS:
        app.cli.add_command(command)
