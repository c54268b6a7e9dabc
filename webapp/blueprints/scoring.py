"""The rules lab: the scoring rules in force, a draft of others, what it would do, and the sets there were."""

from flask import Blueprint, g, request
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from webapp import charts
from webapp.forms.scoring import (
    AgainForm,
    ApplyForm,
    BeginForm,
    KindForm,
    MoveForm,
    RuleForm,
    SeenForm,
    SwitchForm,
    filled_rule,
    sent_rule,
)
from webapp.responses import fills, go_to, respond
from webapp.services import scoring
from webapp.services.scoring import Preview, Rule
from webapp.vocabulary import ConditionType, Interface, SetState

bp = Blueprint("scoring", __name__, url_prefix="/scoring")

SAID = "said"
"""In the address: with what the draft would do."""


@bp.get("")
def show():
    """The rules in force or the office's draft, and the sets there were; asks again by itself during a rescore."""
    draft, sets = scoring.draft(), scoring.applied()
    return respond(
        "scoring/show.html",
        "scoring/_scoring_progress.html",
        draft=draft,
        sets=sets,
        rules=scoring.rules_of(draft) if draft else scoring.listed(),
        seen_form=SeenForm(formdata=None, version=draft.version if draft else 0),
        begin_form=BeginForm(formdata=None),
    )


@bp.post("/draft")
def start():
    form = BeginForm()
    form.demand()
    scoring.start(form.chosen, by=g.actor)
    return go_to("scoring.show", _("A draft is begun. Nothing changes until it is put in force."))


@bp.post("/draft/removal")
def discard():
    form = SeenForm()
    form.demand()
    scoring.discard(by=g.actor, version=form.version.data)
    return go_to("scoring.show", _("The draft is discarded. The rules in force are as they were."))


@bp.get("/rules/new")
def new():
    """Choose what the rule asks; then its fields."""
    draft, kind = scoring.draft(), KindForm(request.args).chosen
    if draft is None:
        return go_to("scoring.show", _("Begin a draft first."))
    if kind is None:
        return respond("scoring/choose.html", kinds=list(ConditionType))
    return asked(filled_rule(kind, draft.version), scoring.next_rule_id(draft), kind)


@bp.get("/rules/<uuid:rule_id>")
def edit(rule_id):
    rule, draft = scoring.rule_of_draft(rule_id), scoring.draft()
    form = filled_rule(
        rule.kind,
        draft.version if draft else 0,
        name=rule.rule_name,
        points=rule.score_adjustment,
        condition=rule.condition,
    )
    return asked(form, rule_id, rule.kind)


@bp.post("/rules/<uuid:rule_id>")
def put(rule_id):
    """Add the rule to the draft, or change it; sent twice it is there once."""
    form = sent_rule()
    if form.validate_on_submit():
        with form.refusals():
            rule = Rule(rule_id, form.name.data, form.points.data, form.condition)
            scoring.put(rule, by=g.actor, version=form.version.data)
            return go_to("scoring.show", _("The draft has changed."))
    return asked(form, rule_id, form.KIND, form.status_code)


@bp.post("/rules/<uuid:rule_id>/counting")
def switch(rule_id):
    form = SwitchForm()
    form.demand()
    scoring.switch(rule_id, by=g.actor, enabled=form.enabled.data, version=form.version.data)
    return go_to("scoring.show")


@bp.post("/rules/<uuid:rule_id>/place")
def move(rule_id):
    form = MoveForm()
    form.demand()
    scoring.move(rule_id, by=g.actor, up=form.up.data, version=form.version.data)
    return go_to("scoring.show")


@bp.post("/rules/<uuid:rule_id>/removal")
def remove(rule_id):
    form = SeenForm()
    form.demand()
    scoring.remove(rule_id, by=g.actor, version=form.version.data)
    return go_to("scoring.show", _("The rule is out of the draft."))


@bp.get("/preview")
def preview():
    """At once the page; what the draft would do comes in an answer of its own, which takes longer."""
    draft = scoring.draft()
    if draft is None:
        return go_to("scoring.show", _("Begin a draft first."))
    return previewed(ApplyForm(formdata=None, version=draft.version))


@bp.post("/application")
def apply():
    form = ApplyForm()
    if form.validate_on_submit():
        with form.refusals():
            return begun(scoring.apply(by=g.actor, version=form.version.data, name=form.name.data))
    return previewed(form, form.status_code)


@bp.post("/return")
def apply_again():
    form = AgainForm()
    form.demand()
    return begun(scoring.apply_again(form.chosen, by=g.actor))


def asked(form: RuleForm, rule_id, kind: ConditionType, status: int = 200):
    return respond("scoring/rule.html", status=status, form=form, rule_id=rule_id, kind=kind)


def previewed(form: ApplyForm, status: int = 200):
    draft = scoring.draft()
    found = None
    if draft and (fills("preview-answer") or SAID in request.args):
        found = scoring.preview(scoring.rules_of(draft), by=g.actor)
    return respond(
        "scoring/preview.html",
        "scoring/_preview_answer.html",
        status=status,
        draft=draft,
        found=found,
        drawn=drawn(found) if found else None,
        form=form,
    )


def drawn(found: Preview) -> charts.Pairs:
    backwards = str(get_locale()) == Interface.ARABIC
    return charts.pairs(found.before.tens, found.after.tens, backwards=backwards)


def begun(kept):
    if kept.state == SetState.RESCORING and kept.total > scoring.AT_ONCE:
        told = _("The rules are in force. Every score follows them, the newest leads first.")
    else:
        told = ngettext(
            "The rules are in force, and the score of one lead follows them.",
            "The rules are in force, and the scores of %(num)s leads follow them.",
            kept.total,
        )
    return go_to("scoring.show", told)
