"""Who may do what (R14): one table that drives the guard, the menu and the tests. What is not here is refused."""

from webapp.vocabulary import Role

ANYBODY = frozenset({"anybody"})
EVERYBODY = frozenset(Role)
DESK = frozenset({Role.RECEPTIONIST, Role.AGENT, Role.MANAGER})
SEES_LEADS = frozenset({Role.AGENT, Role.MANAGER, Role.ADMIN})
WORKS_LEADS = frozenset({Role.AGENT, Role.MANAGER})
MANAGERS = frozenset({Role.MANAGER})
ADMINS = frozenset({Role.ADMIN})
SEES_THE_OFFICE = frozenset({Role.MANAGER, Role.ADMIN})

POLICY = {
    "static": ANYBODY,
    "health.live": ANYBODY,
    "health.ready": ANYBODY,
    "api.describe": ANYBODY,
    "api.capture": ANYBODY,
    "sessions.new": ANYBODY,
    "sessions.create": ANYBODY,
    "sessions.speak": ANYBODY,
    "sessions.end": EVERYBODY,
    "home.show": EVERYBODY,
    "links.open": ANYBODY,
    "links.show": ANYBODY,
    "links.choose": ANYBODY,
    "jobs.index": SEES_THE_OFFICE,
    "jobs.ask": SEES_THE_OFFICE,
    "api_keys.index": ADMINS,
    "api_keys.add": ADMINS,
    "api_keys.revoke": ADMINS,
    "users.index": ADMINS,
    "users.new": ADMINS,
    "users.invite": ADMINS,
    "users.show": ADMINS,
    "users.change": ADMINS,
    "links.make": ADMINS,
    "desk.show": SEES_THE_OFFICE,
    "users.account": EVERYBODY,
    "users.prefer": EVERYBODY,
    "users.change_password": EVERYBODY,
    "users.end_others": EVERYBODY,
    "notifications.index": EVERYBODY,
    "notifications.bell": EVERYBODY,
    "notifications.read": EVERYBODY,
    "areas.matching": EVERYBODY,
    "agents.index": SEES_THE_OFFICE,
    "agents.new": SEES_THE_OFFICE,
    "agents.add": SEES_THE_OFFICE,
    "agents.edit": SEES_THE_OFFICE,
    "agents.amend": SEES_THE_OFFICE,
    "agents.set_duty": SEES_THE_OFFICE,
    "agents.leave": SEES_THE_OFFICE,
    "agents.bring_back": SEES_THE_OFFICE,
    "agents.show": SEES_LEADS,
    "agents.choices": EVERYBODY,
    "reports.index": SEES_THE_OFFICE,
    "reports.show": SEES_THE_OFFICE,
    "reports.activities": SEES_THE_OFFICE,
    "reports.fetch": SEES_THE_OFFICE,
    "front_desk.show": frozenset({Role.RECEPTIONIST, Role.MANAGER}),
    "front_desk.visitors": frozenset({Role.RECEPTIONIST, Role.MANAGER}),
    "leads.index": SEES_LEADS,
    "board.show": SEES_LEADS,
    "leads.new": WORKS_LEADS,
    "leads.capture": DESK,
    "leads.show": EVERYBODY,
    "leads.edit": WORKS_LEADS,
    "leads.amend": WORKS_LEADS,
    "leads.open_again": WORKS_LEADS,
    "exports.take": SEES_LEADS,
    "exports.show": SEES_LEADS,
    "exports.fetch": SEES_LEADS,
    "bulk.ask": WORKS_LEADS,
    "bulk.change": WORKS_LEADS,
    "handovers.show": SEES_THE_OFFICE,
    "handovers.undo": MANAGERS,
    "activities.log": WORKS_LEADS,
    "activities.strike": WORKS_LEADS,
    "pipeline.ask": WORKS_LEADS,
    "pipeline.move": WORKS_LEADS,
    "assignments.assign": MANAGERS,
    "calendar.show": SEES_LEADS,
    "calendar.new": WORKS_LEADS,
    "tasks.ask": WORKS_LEADS,
    "tasks.schedule": WORKS_LEADS,
    "tasks.reschedule": WORKS_LEADS,
    "tasks.complete": WORKS_LEADS,
    "tasks.cancel": WORKS_LEADS,
    "interests.add": WORKS_LEADS,
    "interests.change": WORKS_LEADS,
    "interests.remove": WORKS_LEADS,
    "deeds.undo": WORKS_LEADS,
    "enquiries.add_visit": DESK,
    "enquiries.mark_visit": DESK,
}


def allows(role: Role | None, endpoint: str | None) -> bool:
    """Whether somebody of this role (None: not signed in) may use this endpoint."""
    roles = POLICY.get(endpoint or "", frozenset())
    return roles is ANYBODY or role in roles
