"""What runs by itself, and how it ended."""

from flask_babel import lazy_gettext as _

from webapp.vocabulary.word import Word


class JobName(Word):
    """What the office does by itself, in words."""

    OVERDUE = "overdue", _("Follow-ups become overdue")
    EXPORTS = "exports", _("Long exports are made")
    HANDOVERS = "handovers", _("Long hand-overs are made")
    IMPORTS = "imports", _("Long files are imported")
    INACTIVITY = "inactivity", _("Silence costs points")
    RESCORE = "rescore", _("Scores follow changed rules")
    METRICS = "metrics", _("Figures of the agents")
    REASSIGN_STALE = "reassign-stale", _("Unanswered leads move on")
    INTAKE = "intake", _("What portals sent is taken up")
    PULLS = "pulls", _("Portals are asked what came in")
    MAILS = "mails", _("Notices go out by e-mail")
    RETENTION = "retention", _("Old lost leads are anonymised")
    CLEAN_UP = "clean-up", _("What is over is cleared away")


class TurnState(Word):
    """How a job's turn stands."""

    ASKED = "asked", _("starts within a minute")
    RUNNING = "running", _("at it")
    DONE = "done", _("done")
    BROKEN = "broken", _("failed")
    STOPPED = "stopped", _("stopped halfway, goes on")
