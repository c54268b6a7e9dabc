"""The seal in the address at which visitors check in: signed, so that nobody guesses it; another turn has another."""

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer


def sealed(turn: int) -> str:
    """The seal of this turn of the address."""
    return _signer().dumps(turn)


def turn_of(seal: str) -> int | None:
    """Of which turn it is; None where it is none of ours."""
    try:
        return int(_signer().loads(seal))
    except (BadSignature, ValueError, TypeError):
        return None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="check-in")
