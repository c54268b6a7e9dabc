"""Whom we may call, message and write to now, and why not: the office's rules and what a person said (uae_market)."""

from webapp.services.contact_guard.facts import Guarded, blocked, facts, of, read
from webapp.services.contact_guard.judge import Call, Facts, Rules, Stop, Verdict, judge

__all__ = ["Call", "Facts", "Guarded", "Rules", "Stop", "Verdict", "blocked", "facts", "judge", "of", "read"]
