"""Who may be told of what, and what of it by e-mail too."""

from sqlalchemy import any_, case

from webapp.models import User
from webapp.services.access import Actor
from webapp.vocabulary import NoticeGroup, NoticeKind, Role

GROUPS: dict[NoticeGroup, tuple[NoticeKind, ...]] = {
    NoticeGroup.LEADS: (NoticeKind.LEAD_ASSIGNED, NoticeKind.LEAD_TAKEN, NoticeKind.IMPORT_BROUGHT),
    NoticeGroup.VISITORS: (NoticeKind.VISITOR_WAITING,),
    NoticeGroup.ENQUIRIES: (NoticeKind.REPEAT_ENQUIRY, NoticeKind.ENQUIRY_WAITING),
    NoticeGroup.UNANSWERED: (NoticeKind.LEAD_UNASSIGNED, NoticeKind.LEAD_ESCALATED, NoticeKind.FOLLOW_UP_ESCALATED),
    NoticeGroup.FILES: (
        NoticeKind.EXPORT_MADE,
        NoticeKind.EXPORT_FAILED,
        NoticeKind.HANDOVER_ENDED,
        NoticeKind.HANDOVER_UNDONE,
        NoticeKind.IMPORT_CHECKED,
        NoticeKind.IMPORT_ENDED,
        NoticeKind.IMPORT_UNDONE,
    ),
    NoticeGroup.WATCH: (NoticeKind.LEADS_EXPORTED, NoticeKind.CONTACT_BLOCKED),
    NoticeGroup.PORTALS: (NoticeKind.PORTAL_TROUBLE, NoticeKind.PORTAL_QUIET),
}
GROUP_OF = {kind.value: group.value for group, kinds in GROUPS.items() for kind in kinds}

OF_AN_AGENT = frozenset({*GROUPS[NoticeGroup.LEADS], *GROUPS[NoticeGroup.VISITORS], *GROUPS[NoticeGroup.ENQUIRIES]})
OF_FILES = frozenset({NoticeKind.EXPORT_MADE, NoticeKind.EXPORT_FAILED})
OF_ROLE = {
    Role.AGENT: OF_FILES,
    Role.ADMIN: OF_FILES,
    Role.MANAGER: frozenset(NoticeKind) - {*GROUPS[NoticeGroup.LEADS]},
}


def offered(*, to: Actor) -> dict[NoticeGroup, list[NoticeKind]]:
    """What somebody of this role, or who is an agent, can be told of at all."""
    may_get = OF_ROLE.get(to.role, frozenset()) | (OF_AN_AGENT if to.agent_id else frozenset())
    kept = {group: [kind for kind in kinds if kind in may_get] for group, kinds in GROUPS.items()}
    return {group: kinds for group, kinds in kept.items() if kinds}


def chosen(kind):
    """The condition on User that a notice of this kind, a column or a word, is to reach them by e-mail too."""
    return case(GROUP_OF, value=kind, else_="") == any_(User.mail_groups)
