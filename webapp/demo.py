"""Demo data."""


def seed(*, leads, agents, seed, as_of):
    raise NotImplementedError


def logins():
    return []
