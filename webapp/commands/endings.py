"""How a command ends that cannot do what it is asked: with a sentence."""

import click

from webapp.errors import Refused


class Unable(click.ClickException):
    """It could not even begin: ends with 2, as a wrong option does."""

    exit_code = 2


class refusals:
    """What a service refuses ends the command with its sentence."""

    def __enter__(self):
        return self

    def __exit__(self, _kind, error, _trace):
        if isinstance(error, Refused):
            raise click.ClickException(str(error.message)) from None
