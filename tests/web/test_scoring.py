"""The rules lab: the rules and the draft, a rule's form, the preview, and sets put in force."""

from uuid import uuid4

import pytest

from tests.factories import a_lead, sql, value
from tests.web.browser import controls
from webapp.extensions import db
from webapp.services import scoring
from webapp.vocabulary import Begin, ConditionType, Source

PAGE_AND_FRAGMENT = pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])
ANSWERS = {
    "source": ({"source": "bayut"}, {"value": "bayut"}),
    "budget_min": ({"threshold": "2.5M"}, {"threshold": 2_500_000}),
    "nationality": ({"nationalities": "UAE, Emirati، Oman"}, {"values": ["UAE", "Emirati", "Oman"]}),
    "property_type": ({}, {}),
    "preferred_areas": ({}, {}),
    "referral": ({}, {}),
    "activity_type": ({"activity": "viewing"}, {"value": "viewing"}),
    "activity_outcome": ({"outcome": "negative"}, {"value": "negative"}),
    "response_time": ({"bound": "within", "hours": "2"}, {"max_hours": 2}),
    "inactivity_days": ({"days": "14"}, {"threshold": 14}),
}


@pytest.fixture
def manager(browser, mariam):
    return browser.sign_in(mariam)


@pytest.fixture
def draft(mariam):
    return scoring.start(Begin.IN_FORCE, by=mariam)


def drafted():
    """The rules of the draft as it is now."""
    db.session.rollback()
    return scoring.rules_of(scoring.draft())


def rule_named(name):
    return next(rule for rule in drafted() if rule.rule_name == name)


class TestShow:
    @PAGE_AND_FRAGMENT
    def test_it_lists_the_rules_in_force_with_what_they_ask(self, manager, htmx):
        answer = manager.get("scoring.show", htmx=htmx)

        assert answer.said("h2#rules") == "In force 24"
        assert "Source: Bayut From Bayut +90" in answer.said(".rules")
        assert "Budget over AED 10M Budget above AED 10,000,000" in answer.said(".rules")
        assert "First answer within 4 hours +10" in answer.said(".rules")
        assert not answer.page.select(".rules form")
        assert answer.queries <= 8

    def test_more_sets_and_rules_take_no_more_queries(self, manager, mariam, draft):
        sql("""INSERT INTO scoring_sets (number, state, rules)
               SELECT n, 'done', rules FROM scoring_sets, generate_series(1, 30) n""")

        answer = manager.get("scoring.show")

        assert answer.queries <= 8
        assert answer.said("h2#rules") == "The draft 24"

    def test_the_admin_reads_and_changes_nothing(self, browser, omar, draft):
        answer = browser.sign_in(omar).get("scoring.show")

        assert "The draft" in answer.said("h2#rules")
        assert not answer.page.select("main form[method=post]")

    def test_it_is_in_the_menu_of_those_who_may(self, another, mariam, aisha):
        assert another(mariam).get("leads.index").page.select("nav a[href='/scoring']")
        assert not another(aisha).get("leads.index").page.select("nav a[href='/scoring']")
        assert another(aisha).get("scoring.show").status_code == 403

    def test_a_leads_score_leads_here(self, manager):
        lead = a_lead()

        assert manager.get("leads.show", lead_id=lead.lead_id).page.select("main a[href='/scoring']")

    def test_a_rescore_is_watched_until_it_is_done(self, manager, mariam, draft):
        sql("""INSERT INTO leads (source_type, first_name, last_name, phone)
               SELECT 'bayut', '', '', '+97154' || lpad(n::text, 7, '0') FROM generate_series(1, 201) n""")
        scoring.apply(by=mariam, version=draft.version)
        shown = manager.get("scoring.show", htmx=True, target="scoring-progress")
        bar = shown.page.select_one("progress")
        assert (bar["value"], bar["max"]) == ("0", "201")
        assert shown.page.select_one("#scoring-progress")["hx-trigger"] == "every 4s"

        scoring.rescore_waiting()
        shown = manager.get("scoring.show", htmx=True, target="scoring-progress")
        assert not shown.page.select("[hx-trigger]")
        assert "201 scores changed" in shown.said("#scoring-progress")


class TestBegin:
    @PAGE_AND_FRAGMENT
    @pytest.mark.parametrize(("start", "count"), [("in_force", 24), ("canonical", 24), ("balanced", 25)])
    def test_a_draft_begins_from_rules_that_there_are(self, manager, htmx, start, count):
        answer = manager.post("scoring.start", {"start": start, "set_id": ""}, htmx=htmx)

        assert answer.said("h2#rules") == f"The draft {count}"
        assert "A draft is begun" in answer.text

    def test_a_set_that_is_not_there_is_missing(self, manager):
        answer = manager.post("scoring.start", {"start": "", "set_id": str(uuid4())})

        assert answer.status_code == 404


class TestDiscard:
    def test_the_draft_is_gone(self, manager, draft):
        answer = manager.post("scoring.discard", {"version": str(draft.version)})

        assert answer.said("h2#rules") == "In force 24"


class TestNew:
    @PAGE_AND_FRAGMENT
    def test_first_what_it_asks_then_its_fields(self, manager, draft, htmx):
        answer = manager.get("scoring.new", htmx=htmx)
        kinds = [link["href"].partition("kind=")[2] for link in answer.page.select("main li a")]
        assert kinds == [kind.value for kind in ConditionType]

        for kind in kinds:
            form = manager.get("scoring.new", kind=kind, htmx=htmx).page.select_one("#rule-form")
            names = set(controls(form)) - {"csrf_token", "version", "kind", "points", "name"}
            assert names == set(ANSWERS[kind][0])

    def test_without_a_draft_there_is_nothing_to_add_to(self, manager):
        answer = manager.get("scoring.new")

        assert "Begin a draft first." in answer.text and answer.path == "/scoring"


class TestPut:
    @pytest.mark.parametrize("kind", ANSWERS)
    def test_every_kind_of_rule_is_kept_as_the_database_reads_it(self, manager, draft, kind):
        typed, condition = ANSWERS[kind]
        form = manager.get("scoring.new", kind=kind).page.select_one("#rule-form")
        sent = controls(form) | typed | {"name": "A new rule", "points": "-7"}
        answer = manager.open("POST", form["action"], data=sent)

        assert answer.status_code == 200, answer.said()
        rule = rule_named("A new rule")
        assert (rule.score_adjustment, rule.condition) == (-7, {"type": kind} | condition)
        assert value("SELECT is_scoring_condition(rules -> -1 -> 'condition') FROM scoring_sets")
        again = manager.get("scoring.edit", rule_id=rule.rule_id).page.select_one("#rule-form")
        shown = controls(again)
        assert (shown["name"], shown["points"]) == ("A new rule", "-7")
        assert manager.open("POST", again["action"], data=shown).status_code == 200
        assert rule_named("A new rule") == rule

    @PAGE_AND_FRAGMENT
    @pytest.mark.parametrize(
        ("kind", "typed", "field", "words"),
        [
            ("budget_min", {"threshold": "much"}, "threshold", "Write the amount in AED"),
            ("budget_min", {"threshold": ""}, "threshold", "needs it"),
            ("budget_min", {"threshold": "900M"}, "threshold", "From 0 to 500,000,000"),
            ("source", {"source": "radio"}, "source", "Choose one of the list"),
            ("nationality", {"nationalities": " , "}, "nationalities", "needs it"),
            ("inactivity_days", {"days": "0"}, "days", "1–365"),
            ("response_time", {"bound": "", "hours": "2"}, "bound", "Choose one"),
            ("referral", {"points": "101"}, "points", "from -100 to 100"),
            ("referral", {"points": ""}, "points", "from -100 to 100"),
            ("referral", {"name": ""}, "name", "Name the rule"),
            ("referral", {"name": "Offer made"}, "name", "Another rule has this name"),
        ],
    )
    def test_what_cannot_be_is_said_at_its_field(self, manager, draft, htmx, kind, typed, field, words):
        form = manager.get("scoring.new", kind=kind).page.select_one("#rule-form")
        valid = ANSWERS[kind][0] | {"name": "Another one", "points": "5"}
        answer = manager.open("POST", form["action"], htmx=htmx, data=controls(form) | valid | typed)

        assert answer.status_code == 422
        assert words in answer.said(f"#rule-{field}-error")
        assert len(drafted()) == 24

    @pytest.mark.parametrize("name", ["عائشة Smith, Jr.", "<b>&amp;", "👩‍👩‍👧 & co", "ب" * 100])
    def test_its_name_is_kept_and_shown_as_it_was_typed(self, manager, draft, name):
        form = manager.get("scoring.new", kind="referral").page.select_one("#rule-form")
        answer = manager.open("POST", form["action"], data=controls(form) | {"name": name, "points": "5"})

        assert rule_named(name).score_adjustment == 5
        assert name in [shown.get_text() for shown in answer.page.select(".rules [dir=auto]")]

    def test_a_name_is_not_cut(self, manager, draft):
        form = manager.get("scoring.new", kind="referral").page.select_one("#rule-form")
        answer = manager.open("POST", form["action"], data=controls(form) | {"name": "ب" * 101, "points": "5"})

        assert answer.status_code == 422 and "ب" * 101 in answer.text

    def test_a_kind_that_there_is_not_is_refused(self, manager, draft):
        form = manager.get("scoring.new", kind="referral").page.select_one("#rule-form")
        sent = controls(form) | {"kind": "moon_phase", "name": "x", "points": "5"}

        assert manager.open("POST", form["action"], data=sent).status_code == 422

    def test_a_draft_that_has_changed_meanwhile_is_not_overwritten(self, manager, mariam, draft):
        form = manager.get("scoring.new", kind="referral").page.select_one("#rule-form")
        scoring.remove(rule_named("Offer made").rule_id, by=mariam, version=scoring.draft().version)
        answer = manager.open("POST", form["action"], data=controls(form) | {"name": "x", "points": "5"})

        assert answer.status_code == 409
        assert "Somebody has changed the draft meanwhile" in answer.said()


class TestEdit:
    def test_every_rule_that_we_ship_opens_as_it_is(self, manager, mariam):
        scoring.start(Begin.BALANCED, by=mariam)
        for rule in drafted():
            form = manager.get("scoring.edit", rule_id=rule.rule_id).page.select_one("#rule-form")
            assert manager.open("POST", form["action"], data=controls(form)).status_code == 200
            kept = rule_named(rule.rule_name)
            assert str(kept).lower() == str(rule).lower()

    def test_a_rule_that_is_not_in_the_draft_is_missing(self, manager, draft):
        assert manager.get("scoring.edit", rule_id=uuid4()).status_code == 404


class TestRows:
    def press(self, manager, label):
        page = manager.get("scoring.show").page
        button = page.select_one(f"button[aria-label='{label}']")
        form = button.find_parent("form")
        return manager.open("POST", form["action"], data=controls(form))

    def test_a_rule_is_switched_off_and_on(self, manager, draft):
        assert "switched off" in self.press(manager, "Switch off: Offer made").said(".rules .is-off")
        assert not self.press(manager, "Switch on: Offer made").page.select(".rules .is-off")

    def test_a_rule_goes_up_and_down(self, manager, draft):
        first, second = [rule.rule_name for rule in drafted()][:2]
        self.press(manager, f"Up: {second}")
        assert [rule.rule_name for rule in drafted()][:2] == [second, first]
        self.press(manager, f"Down: {second}")
        assert [rule.rule_name for rule in drafted()][:2] == [first, second]

    def test_a_rule_is_removed(self, manager, draft):
        assert self.press(manager, "Remove: Offer made").said("h2#rules") == "The draft 23"


class TestPreview:
    def test_the_page_comes_at_once_and_asks_for_its_figures(self, manager, draft):
        a_lead(source=Source.WALK_IN)
        answer = manager.get("scoring.preview")

        assert answer.page.select_one("#preview-answer")["hx-trigger"] == "load"
        assert answer.page.select_one("noscript a")["href"] == "/scoring/preview?said=1"
        assert not answer.page.select("#preview-answer table")
        assert answer.queries <= 6

    @PAGE_AND_FRAGMENT
    def test_it_shows_the_spread_before_and_after_and_who_moves(self, manager, mariam, htmx):
        lead = a_lead(source=Source.WALK_IN)
        scoring.start(Begin.BALANCED, by=mariam)
        answer = manager.get("scoring.preview", said=1, htmx=htmx, target="preview-answer")

        assert "The score of one lead would change." in answer.said("#preview-answer")
        assert "70–79 1 0" in answer.said("#preview-answer table")
        assert "Mean 70.0 26.0" in answer.said("#preview-answer table")
        assert answer.page.select(f"#preview-answer a[href='/leads/{lead.lead_id}']")
        assert len(answer.page.select("#preview-answer svg.plot rect")) == 2
        assert answer.queries <= 12

    def test_without_leads_it_says_so(self, manager, draft):
        assert "There is no lead yet" in manager.get("scoring.preview", said=1).said("#preview-answer")

    def test_without_a_draft_it_leads_to_the_rules(self, manager):
        assert manager.get("scoring.preview").path == "/scoring"


class TestApply:
    @PAGE_AND_FRAGMENT
    def test_the_draft_is_in_force_and_the_scores_follow(self, manager, mariam, htmx):
        lead = a_lead(source=Source.WALK_IN)
        scoring.start(Begin.BALANCED, by=mariam)
        manager.get("scoring.preview")
        answer = manager.post("scoring.apply", {"name": "Calmer"}, htmx=htmx)

        assert answer.said("h2#rules") == "In force 25"
        assert "Set 2: Calmer in force" in answer.said("section[aria-labelledby=sets]")
        assert value("SELECT score FROM leads WHERE lead_id = %s", lead.lead_id) == 26

    def test_a_draft_that_has_changed_meanwhile_is_not_put_in_force(self, manager, mariam, draft):
        manager.get("scoring.preview")
        scoring.start(Begin.BALANCED, by=mariam)
        answer = manager.post("scoring.apply", {"name": "Calmer"})

        assert answer.status_code == 409
        assert "Somebody has changed the draft meanwhile" in answer.said()
        assert scoring.applied() == []


class TestApplyAgain:
    def test_an_earlier_set_is_in_force_again(self, manager, mariam):
        lead = a_lead(source=Source.WALK_IN)
        draft = scoring.start(Begin.BALANCED, by=mariam)
        scoring.apply(by=mariam, version=draft.version)
        page = manager.get("scoring.show").page
        form = page.select_one("button[aria-label='Put set 1 in force again']").find_parent("form")
        answer = manager.open("POST", form["action"], data=controls(form))

        assert "Set 3 in force" in answer.said("section[aria-labelledby=sets]")
        assert value("SELECT score FROM leads WHERE lead_id = %s", lead.lead_id) == 70

    def test_without_a_set_it_is_missing(self, manager, draft):
        assert manager.post("scoring.apply_again", {"set_id": ""}).status_code == 404
