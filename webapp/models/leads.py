from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    FetchedValue,
    ForeignKey,
    Identity,
    Index,
    Numeric,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import NUMRANGE, TSVECTOR, Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.extensions import Model
from webapp.models.columns import Created, Key, Moment, OneOf, Texts, Updated, one_of
from webapp.vocabulary import InterestLevel, Language, PropertyType, Purpose, Source, SpokenLanguage, Status, TaskType

if TYPE_CHECKING:
    from webapp.models.activities import LeadActivity
    from webapp.models.agents import Agent
    from webapp.models.assignments import LeadAssignment
    from webapp.models.enquiries import Enquiry
    from webapp.models.listings import Listing
    from webapp.models.pipeline import LeadConversionHistory
    from webapp.models.scoring import ScoreLine
    from webapp.models.tasks import FollowUpTask

NEWEST = (text("created_at DESC"), text("lead_id DESC"))
FILTERED = ["status", "source_type", "score", "property_type", "last_contact_at", "next_step_at", "budget_max"]
"""What lists are narrowed by, so that an index alone can tell which leads fit."""


def full_name(first_name: str, last_name: str) -> str:
    """The person as shown: never invented, "Unnamed caller" where nothing was given."""
    return f"{first_name} {last_name}".strip() or _("Unnamed caller")


class Lead(Model):
    """One case of one person: what they look for, where it stands and how promising it is."""

    __tablename__ = "leads"

    lead_id: Mapped[Key]
    source_type: Mapped[Source] = mapped_column(OneOf(Source))
    first_name: Mapped[str] = mapped_column(String(100))
    last_name: Mapped[str] = mapped_column(String(100))
    email: Mapped[str | None] = mapped_column(String(255))
    phone: Mapped[str] = mapped_column(String(20))
    nationality: Mapped[str | None] = mapped_column(String(50))
    language_preference: Mapped[Language | None] = mapped_column(OneOf(Language, 20))
    budget_min: Mapped[Decimal | None] = mapped_column(Numeric(15, 2))
    budget_max: Mapped[Decimal | None] = mapped_column(Numeric(15, 2))
    property_type: Mapped[PropertyType | None] = mapped_column(OneOf(PropertyType))
    preferred_areas: Mapped[Texts | None]
    status: Mapped[Status] = mapped_column(OneOf(Status), server_default=Status.NEW)
    score: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[Created]
    updated_at: Mapped[Updated]

    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True, start=10001), unique=True)
    purpose: Mapped[Purpose | None] = mapped_column(OneOf(Purpose, 20))
    bedrooms: Mapped[int | None] = mapped_column(SmallInteger)
    spoken_language: Mapped[SpokenLanguage | None] = mapped_column(OneOf(SpokenLanguage, 30))
    consent_at: Mapped[Moment | None]
    version: Mapped[int] = mapped_column(server_default="1")
    erased_at: Mapped[Moment | None]
    reopened_from: Mapped[UUID | None] = mapped_column(ForeignKey("leads.lead_id", ondelete="SET NULL"), index=True)

    # What is asked all day, kept by the database from assignments, activities and follow-ups.
    owner_id: Mapped[UUID | None] = mapped_column(FetchedValue())
    first_contact_at: Mapped[Moment | None] = mapped_column(FetchedValue())
    last_contact_at: Mapped[Moment | None] = mapped_column(FetchedValue())
    next_step_at: Mapped[Moment | None] = mapped_column(FetchedValue())
    next_step_type: Mapped[TaskType | None] = mapped_column(OneOf(TaskType), FetchedValue())
    words: Mapped[str] = mapped_column(
        TSVECTOR, Computed("lead_words(first_name, last_name, email)", persisted=True), nullable=True, deferred=True
    )

    assignments: Mapped[list["LeadAssignment"]] = relationship(
        back_populates="lead", lazy="raise", passive_deletes=True
    )
    assignment: Mapped["LeadAssignment | None"] = relationship(uselist=False, viewonly=True, lazy="raise")
    owner: Mapped["Agent | None"] = relationship(
        primaryjoin="foreign(Lead.owner_id) == Agent.agent_id", viewonly=True, lazy="raise"
    )
    activities: Mapped[list["LeadActivity"]] = relationship(
        back_populates="lead", lazy="raise", passive_deletes=True, order_by="LeadActivity.activity_at.desc()"
    )
    tasks: Mapped[list["FollowUpTask"]] = relationship(
        back_populates="lead", lazy="raise", passive_deletes=True, order_by="FollowUpTask.due_date"
    )
    property_interests: Mapped[list["LeadPropertyInterest"]] = relationship(
        back_populates="lead", lazy="raise", passive_deletes=True
    )
    conversion_history: Mapped[list["LeadConversionHistory"]] = relationship(
        back_populates="lead", lazy="raise", passive_deletes=True, order_by="LeadConversionHistory.changed_at"
    )
    sources: Mapped[list["LeadSource"]] = relationship(back_populates="lead", lazy="raise", passive_deletes=True)
    enquiries: Mapped[list["Enquiry"]] = relationship(
        back_populates="lead", lazy="raise", passive_deletes=True, order_by="Enquiry.received_at.desc()"
    )
    score_lines: Mapped[list["ScoreLine"]] = relationship(
        lazy="raise", passive_deletes=True, order_by="ScoreLine.line_id"
    )

    __table_args__ = (
        Index("idx_leads_phone_source_created", "phone", "source_type", "created_at"),
        Index("ix_leads_status_created_at", "status", "created_at"),
        Index("ix_leads_score", "score"),
        Index("ix_leads_active", "created_at", postgresql_where=text("status NOT IN ('converted', 'lost')")),
        Index("ix_leads_newest", *NEWEST, postgresql_include=[*FILTERED, "owner_id", "first_contact_at"]),
        Index("ix_leads_owner_newest", "owner_id", *NEWEST, postgresql_include=[*FILTERED, "first_contact_at"]),
        Index(
            "ix_leads_open",
            "owner_id",
            *NEWEST,
            postgresql_include=FILTERED,
            postgresql_where=text("status NOT IN ('converted', 'lost')"),
        ),
        Index(
            "ix_leads_closed_newest",
            "status",
            *NEWEST,
            postgresql_include=["source_type", "property_type", "owner_id"],
            postgresql_where=text("status IN ('converted', 'lost')"),
        ),
        Index(
            "ix_leads_closed",
            "owner_id",
            text("updated_at DESC"),
            postgresql_include=["status", "budget_max"],
            postgresql_where=text("status IN ('converted', 'lost')"),
        ),
        Index(
            "ix_leads_closed_latest",
            text("updated_at DESC"),
            postgresql_include=["status", "budget_max"],
            postgresql_where=text("status IN ('converted', 'lost')"),
        ),
        Index("ix_leads_score_newest", text("score DESC"), *NEWEST),
        Index("ix_leads_next_step", text("coalesce(next_step_at, 'infinity')"), "lead_id"),
        Index("ix_leads_last_contact_at", "last_contact_at"),
        Index("ix_leads_silence", text("coalesce(last_contact_at, created_at)"), "lead_id"),
        Index("ix_leads_areas", "preferred_areas", postgresql_using="gin"),
        Index("ix_leads_words", "words", postgresql_using="gin"),
        Index("ix_leads_name_key", text("name_key(first_name, last_name)"), text("created_at DESC")),
        Index("ix_leads_phone_windows", text("phone_windows(phone)"), postgresql_using="gin"),
        CheckConstraint("score BETWEEN 0 AND 100", name="ck_score_range"),
        CheckConstraint(one_of(Status, "status"), name="ck_lead_status"),
        CheckConstraint(one_of(Source, "source_type"), name="ck_source_type"),
        CheckConstraint(
            "budget_min IS NULL OR budget_max IS NULL OR budget_min < budget_max", name="ck_budget_min_lt_max"
        ),
        CheckConstraint("budget_min <> 'NaN' AND budget_max <> 'NaN'", name="ck_lead_budget_is_number"),
        CheckConstraint("bedrooms BETWEEN 0 AND 20", name="ck_lead_bedrooms"),
        CheckConstraint(one_of(Purpose, "purpose"), name="ck_lead_purpose"),
    )

    @property
    def name(self) -> str:
        return _("Erased person") if self.erased_at else full_name(self.first_name, self.last_name)

    @property
    def speaks(self) -> SpokenLanguage | Language | None:
        return self.spoken_language or self.language_preference


class LeadDay(Model):
    """How many leads came in on a Dubai day, of a source, or of an owner (or nobody) where it names no source.

    Appended by trigger, plus and minus: a number is the sum of its rows, and no two who write wait for each other.
    """

    __tablename__ = "lead_days"

    entry_id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    day: Mapped[date]
    source_type: Mapped[Source | None] = mapped_column(OneOf(Source))
    owner_id: Mapped[UUID | None]
    leads: Mapped[int]
    converted: Mapped[int]
    lost: Mapped[int]
    score: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        Index(
            "ix_lead_days_sources",
            "day",
            postgresql_include=["source_type", "leads", "converted", "lost", "score"],
            postgresql_where=text("source_type IS NOT NULL"),
        ),
        Index(
            "ix_lead_days_owners",
            "day",
            postgresql_include=["owner_id", "leads", "converted", "lost", "score"],
            postgresql_where=text("source_type IS NULL"),
        ),
    )


class LeadSource(Model):
    """Where a lead came from: campaign, referrer, the property that was asked about."""

    __tablename__ = "lead_sources"

    source_id: Mapped[Key]
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.lead_id", ondelete="CASCADE"), index=True)
    source_type: Mapped[Source] = mapped_column(OneOf(Source))
    campaign_id: Mapped[str | None] = mapped_column(String(100))
    referrer_agent_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("agents.agent_id", ondelete="SET NULL"), index=True
    )
    property_id: Mapped[UUID | None]
    utm_source: Mapped[str | None] = mapped_column(String(100))
    created_at: Mapped[Created] = mapped_column(nullable=True)

    lead: Mapped[Lead] = relationship(back_populates="sources", lazy="raise")
    referrer: Mapped["Agent | None"] = relationship(lazy="raise")
    listing: Mapped["Listing | None"] = relationship(
        primaryjoin="foreign(LeadSource.property_id) == Listing.property_id", viewonly=True, lazy="raise"
    )

    __table_args__ = (
        Index("ix_lead_sources_source_type", "source_type"),
        CheckConstraint(one_of(Source, "source_type"), name="ck_lead_source_source_type"),
    )


class LeadPropertyInterest(Model):
    """A property this lead asked about or liked."""

    __tablename__ = "lead_property_interests"

    interest_id: Mapped[Key]
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.lead_id", ondelete="CASCADE"))
    property_id: Mapped[UUID]
    interest_level: Mapped[InterestLevel] = mapped_column(OneOf(InterestLevel, 20))
    created_at: Mapped[Created] = mapped_column(nullable=True)

    wish: Mapped[Texts | None] = mapped_column(FetchedValue())
    budget: Mapped[Range[Decimal] | None] = mapped_column(NUMRANGE, FetchedValue())

    lead: Mapped[Lead] = relationship(back_populates="property_interests", lazy="raise")
    listing: Mapped["Listing | None"] = relationship(
        primaryjoin="foreign(LeadPropertyInterest.property_id) == Listing.property_id", viewonly=True, lazy="raise"
    )

    __table_args__ = (
        UniqueConstraint("lead_id", "property_id", name="uq_lead_property_interest"),
        Index("ix_property_interests_property_id", "property_id"),
        Index(
            "ix_property_interests_wish",
            "wish",
            postgresql_using="gin",
            postgresql_where=text("wish IS NOT NULL"),
        ),
        CheckConstraint("interest_level IN ('high', 'medium', 'low')", name="ck_interest_level"),
    )


NAMED = (Lead.first_name, Lead.last_name, Lead.erased_at)
"""What a lead's name is made of."""
