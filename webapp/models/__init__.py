"""The tables, one module a noun."""

from webapp.models.activities import LeadActivity
from webapp.models.agents import Agent, AgentPerformanceMetrics
from webapp.models.api_keys import ApiAnswer, ApiKey
from webapp.models.assignments import AssignmentMove, LeadAssignment
from webapp.models.audit import AuditEntry
from webapp.models.brokers import BrokerLead
from webapp.models.connections import Connection
from webapp.models.consents import Consent
from webapp.models.deliveries import Delivery
from webapp.models.enquiries import Enquiry, Visit
from webapp.models.exports import Export, ExportPart
from webapp.models.feeds import Feed
from webapp.models.handovers import Handover, HandoverLead
from webapp.models.hours import SpecialHours, WorkingDay, WorkingHours
from webapp.models.imports import Import, ImportPart, ImportRow
from webapp.models.jobs import JobTurn
from webapp.models.leads import Lead, LeadDay, LeadPropertyInterest, LeadSource
from webapp.models.listings import Listing
from webapp.models.merges import Distinction, Merge
from webapp.models.notifications import Mail, Notice
from webapp.models.office import OfficeSettings
from webapp.models.pipeline import DealDay, LeadConversionHistory, MoveDay
from webapp.models.privacy import KeptSale
from webapp.models.pulls import Pull
from webapp.models.scoring import LeadScoringRule, ScoreLine, ScoringSet
from webapp.models.sites import Site
from webapp.models.stops import ContactStop
from webapp.models.tasks import FollowUpTask
from webapp.models.users import OneTimeLink, RateCounter, Session, Submission, User

__all__ = [
    "Agent",
    "AgentPerformanceMetrics",
    "ApiAnswer",
    "ApiKey",
    "AssignmentMove",
    "AuditEntry",
    "BrokerLead",
    "Connection",
    "Consent",
    "ContactStop",
    "DealDay",
    "Delivery",
    "Distinction",
    "Enquiry",
    "Export",
    "ExportPart",
    "Feed",
    "FollowUpTask",
    "Handover",
    "HandoverLead",
    "Import",
    "ImportPart",
    "ImportRow",
    "JobTurn",
    "KeptSale",
    "Lead",
    "LeadActivity",
    "LeadAssignment",
    "LeadConversionHistory",
    "LeadDay",
    "LeadPropertyInterest",
    "LeadScoringRule",
    "LeadSource",
    "Listing",
    "Mail",
    "Merge",
    "MoveDay",
    "Notice",
    "OfficeSettings",
    "OneTimeLink",
    "Pull",
    "RateCounter",
    "ScoreLine",
    "ScoringSet",
    "Session",
    "Site",
    "SpecialHours",
    "Submission",
    "User",
    "Visit",
    "WorkingDay",
    "WorkingHours",
]
