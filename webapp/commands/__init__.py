"""The command line: `flask --app wsgi ...` (docs/operations.md)."""

from importlib import import_module

from flask import Flask
from flask.cli import AppGroup

# Where each is: module and name.
COMMANDS = {
    "agents": ("people", "agents_group"),
    "users": ("people", "users_group"),
    "api-keys": ("api_keys", "group"),
    "listings": ("listings", "group"),
    "demo": ("demo", "group"),
    "jobs": ("jobs", "group"),
    "check-deployment": ("checks", "check_deployment"),
    "doctor": ("checks", "examine"),
    "backup": ("backups", "backup"),
    "restore": ("backups", "restore"),
}


class Commands(AppGroup):
    """Ours are brought in when they are asked for: no server asks, and they would be a twentieth of its memory."""

    def list_commands(self, context):
        return sorted([*super().list_commands(context), *COMMANDS])

    def get_command(self, context, name):
        if name not in COMMANDS:
            return super().get_command(context, name)
        module, command = COMMANDS[name]
        return getattr(import_module(f"{__name__}.{module}"), command)


def init_app(app: Flask) -> None:
    app.cli = Commands(app.cli.name, commands=app.cli.commands)
