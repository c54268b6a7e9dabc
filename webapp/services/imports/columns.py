"""What the columns of a file hold: as somebody said before for these headings, else guessed in English and Arabic."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import force_locale
from sqlalchemy import select

from webapp import areas
from webapp.extensions import db
from webapp.models import Import
from webapp.vocabulary import Interface, LeadColumn, Source

REMEMBERED = 50
OTHERS = {
    LeadColumn.PHONE: "phone, phone no, mobile, mobile number, mobile no, cell, tel, telephone, contact,"
    " contact number, whatsapp, whatsapp number, msisdn, هاتف, الهاتف, رقم, جوال, الجوال, رقم الجوال,"
    " موبايل, رقم الموبايل, واتساب, رقم الواتساب, رقم التواصل, المتحرك, رقم المتحرك",
    LeadColumn.NAME: "name, full name, client, client name, customer, customer name, lead, lead name, buyer,"
    " contact name, اسم, الاسم, الاسم الكامل, اسم العميل, العميل, الزبون, اسم الزبون",
    LeadColumn.FIRST_NAME: "first, given name, forename, الاسم الاول",
    LeadColumn.LAST_NAME: "last, surname, family name, family, الاسم الاخير, العائلة, اللقب",
    LeadColumn.EMAIL: "email, email address, mail, بريد, ايميل, الايميل, البريد",
    LeadColumn.SOURCE: "lead source, channel, portal, origin, مصدر, مصدر العميل, القناة",
    LeadColumn.STATUS: "stage, lead status, pipeline, state, حالة, المرحلة",
    LeadColumn.PROPERTY_TYPE: "type, unit type, property, نوع, نوع الوحدة",
    LeadColumn.AREAS: "area, location, locations, community, preferred area, preferred areas, district, منطقة, الموقع,"
    " المجمع, المنطقة المفضلة",
    LeadColumn.BUDGET_MIN: "budget min, min budget, minimum budget, budget from, الميزانية من, الحد الادنى,"
    " ادنى ميزانية",
    LeadColumn.BUDGET_MAX: "budget, budget aed, budget max, max budget, maximum budget, budget to, price, ميزانية,"
    " الميزانية, الميزانية الى, الحد الاعلى, اعلى ميزانية",
    LeadColumn.PURPOSE: "purpose, intent, buy or rent, rent or buy, transaction, الغرض, شراء او ايجار",
    LeadColumn.BEDROOMS: "beds, bedroom, br, rooms, غرف, الغرف, عدد الغرف",
    LeadColumn.NATIONALITY: "country, جنسية, البلد",
    LeadColumn.LANGUAGE: "language, preferred language, لغة, اللغة",
    LeadColumn.SPOKEN: "other language, second language, لغة ثانية",
    LeadColumn.CONSENT: "consent, marketing consent, opt in, opted in, موافقة, الموافقة",
    LeadColumn.MESSAGE: "note, comment, comments, message, remarks, description, ملاحظة, الرسالة, تعليق, تعليقات",
    LeadColumn.CAMPAIGN: "campaign id, utm campaign, حملة",
    LeadColumn.CREATED_AT: "created, created at, created on, date, date created, enquiry date, lead date, received,"
    " تاريخ, التاريخ, تاريخ الانشاء, تاريخ الاستلام",
    LeadColumn.CLOSED_AT: "closed, closed at, closed date, close date, deal date, تاريخ الاغلاق",
    LeadColumn.DEAL_TYPE: "deal type, conversion type, نوع الصفقة",
    LeadColumn.DEAL_VALUE: "deal value, deal amount, amount, value, قيمة, المبلغ",
    LeadColumn.LOST_REASON: "lost reason, reason, reason lost, سبب, سبب الخسارة",
}


@dataclass(frozen=True)
class Guess:
    """What is proposed: for each heading a column of a lead or nothing, and the source of rows that name none."""

    columns: list[LeadColumn | None]
    source_type: Source | None


def guessed(headings: list[str]) -> Guess:
    """What these headings most likely mean. What people chose before comes first, the newest choice of all."""
    known = _spellings()
    remembered, source_type = _remembered()
    taken: set[LeadColumn] = set()
    columns: list[LeadColumn | None] = []
    for heading in headings:
        word = remembered[_folded(heading)] if _folded(heading) in remembered else known.get(_folded(heading))
        columns.append(None if word in taken else word)
        taken.update([word] if word else [])
    return Guess(columns, source_type)


def _folded(heading: str) -> str:
    return re.sub(r"[\W_]+", " ", areas.fold(heading)).strip()


def _spellings() -> dict[str, LeadColumn]:
    found = {_folded(spelling): column for column, all_of_it in OTHERS.items() for spelling in all_of_it.split(",")}
    for language in Interface:
        with force_locale(language):
            found |= {_folded(str(column.label)): column for column in LeadColumn}
    return found | {_folded(column): column for column in LeadColumn}


def _remembered() -> tuple[dict[str, LeadColumn | None], Source | None]:
    chosen = select(Import.headings, Import.columns, Import.source_type).where(Import.columns.is_not(None))
    last = db.session.execute(chosen.order_by(Import.uploaded_at.desc()).limit(REMEMBERED)).all()
    found: dict[str, LeadColumn | None] = {}
    for headings, columns, _source in reversed(last):
        found |= dict(_pairs(headings, columns))
    return found, last[0].source_type if last else None


def _pairs(headings: list[str], columns: list[str | None]) -> Iterable[tuple[str, LeadColumn | None]]:
    for heading, column in zip(headings, columns, strict=True):
        yield _folded(heading), LeadColumn(column) if column else None
