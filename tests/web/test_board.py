"""The board: its lanes, more of one, and moves made on it."""

from decimal import Decimal
from uuid import uuid4

import pytest

from tests.factories import a_lead, backdated, brought_to, busy, sql
from webapp.vocabulary import Source, Status

PAGE_AND_FRAGMENT = pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])
BOARD = "/leads/board"


def cards(answer, status: str = "") -> list[str]:
    """The leads of a lane, or of all that came, by the address of their pages."""
    lane = f"#lane-{status} " if status else ""
    return [link["href"] for link in answer.page.select(f"{lane}.lead-card > a.name")]


def opened(browser, htmx, **query):
    """The board; of htmx the lanes too that are fetched when they are seen."""
    answer = browser.get("board.show", htmx=htmx, target="board", **query)
    for lane in answer.page.select(".cards[hx-get]"):
        fetched = browser.open("GET", lane["hx-get"], htmx=True, target="board-news")
        assert fetched.queries == 3
        lane.find_parent(class_="lane").replace_with(fetched.page.select_one(".lane[hx-swap-oob=true]"))
    return answer


def heads(answer) -> dict[str, str]:
    """The lanes whose heads came alone, with what they count."""
    return {
        head["id"].removeprefix("top-"): head.select_one(".count").get_text()
        for head in answer.page.select(".lane-head[hx-swap-oob=true]")
    }


def arrived(answer) -> str:
    """Where the card that came is put on top."""
    return answer.page.select_one(":has(> .lead-card)")["hx-swap-oob"].removeprefix("afterbegin:")


def gone(answer) -> str:
    """Which card leaves the place where it was."""
    return answer.page.select_one("[hx-swap-oob^='delete:']")["hx-swap-oob"].removeprefix("delete:")


def more(answer, status: str) -> str:
    return answer.page.select_one(f"#more-{status} a[rel=next]")["href"]


@PAGE_AND_FRAGMENT
class TestShow:
    def test_it_shows_what_the_agent_owns_and_nothing_else(self, browser, aisha, yousef, mariam, lead, htmx):
        mine = browser.sign_in(aisha).get("board.show", htmx=htmx, target="board")
        assert cards(mine, "new") == [f"/leads/{lead.lead_id}"]
        assert mine.fills == ("#board" if htmx else None)
        assert bool(mine.page.html) is not htmx

        browser.post("sessions.end")
        assert cards(browser.sign_in(yousef).get("board.show", htmx=htmx, target="board"), "new") == []

        browser.post("sessions.end")
        assert len(cards(browser.sign_in(mariam).get("board.show", htmx=htmx, target="board"), "new")) == 1

    def test_the_menu_gets_the_whole_main(self, browser, aisha, lead, htmx):
        answer = browser.sign_in(aisha).get("board.show", htmx=htmx)

        assert answer.fills == ("#main" if htmx else None)
        assert answer.page.select_one("main#main #board")
        assert "HX-Request" in answer.headers["Vary"]

    @pytest.mark.parametrize("who, queries", [("aisha", 3), ("mariam", 4)])
    def test_it_takes_as_many_queries_for_many_as_for_one(self, browser, request, aisha, lead, htmx, who, queries):
        browser.sign_in(request.getfixturevalue(who))
        one = opened(browser, htmx)
        busy(aisha, 30)
        for status in Status:
            brought_to(a_lead(), status)

        many = opened(browser, htmx)

        assert (len(cards(one, "new")), len(cards(many, "new"))) == (1, 20)
        assert one.queries == many.queries == queries + (not htmx)

    def test_a_card_says_who_what_how_much_and_what_is_next(self, browser, aisha, htmx):
        lead = a_lead(
            first_name="Layla",
            budget_max=Decimal(1_250_000),
            bedrooms=2,
            preferred_areas=["Dubai Marina", "Business Bay"],
        )

        answer = browser.sign_in(aisha).get("board.show", htmx=htmx, target="board")

        said = answer.said("#lane-new .lead-card")
        for words in (
            "Layla",
            "2 bed, Dubai Marina, Business Bay",
            "AED 1.25M",
            f"Score {lead.score}",
            "Call tomorrow",
        ):
            assert words in said
        assert "AED 1.25M" in answer.said("#lane-new .lane-head")

    @pytest.mark.parametrize(
        "days, words, tone", [(4, "4 days ago", None), (5, "silent, day 5", "soon"), (7, "silent, day 7", "late")]
    )
    def test_silence_is_told_in_words_and_in_colour(self, browser, aisha, lead, htmx, days, words, tone):
        backdated(lead, days=days, minutes=1)

        foot = browser.sign_in(aisha).get("board.show", htmx=htmx, target="board").page.select_one(".foot span")

        assert foot.get_text() == words
        assert (tone in foot.get("class", [])) is (tone is not None) if tone else "class" not in foot.attrs

    def test_each_card_offers_the_moves_of_its_status_and_no_other(self, browser, aisha, htmx):
        leads = {status: brought_to(a_lead(), status) for status in Status}

        page = browser.sign_in(aisha).get("board.show", htmx=htmx, target="board").page

        for status, lead in leads.items():
            lane = page.select_one(f"#lane-{status.value}")
            assert lane["data-moves"].split() == [move.value for move in status.moves]
            asks = lane.select_one(".lead-card > .more")
            assert bool(asks) is bool(status.moves)
            if asks:
                assert asks["formaction"] == f"/leads/{lead.lead_id}/status"
                choice = browser.open("GET", asks["formaction"], htmx=htmx).page.select("form[method=post] .btn")
                assert [way.get_text() for way in choice] == [str(move.label) for move in status.moves]

    def test_who_only_looks_is_offered_no_move(self, browser, aisha, omar, lead, htmx):
        answer = browser.sign_in(omar).get("board.show", htmx=htmx, target="board")

        assert len(cards(answer, "new")) == 1
        assert not answer.page.select(".more, #card-menu, [data-moves], [data-sent]")

    def test_more_of_a_lane_follows_and_keeps_the_filters(self, browser, mariam, aisha, htmx):
        busy(aisha, 30)
        a_lead(source=Source.REFERRAL)
        browser.sign_in(mariam)
        first = opened(browser, htmx, source_type="bayut")

        second = browser.open("GET", more(first, "new"), htmx=htmx, target="board-news")

        found = [link["href"] for link in second.page.select(".lead-card > a.name")]
        assert len(found) == 10
        assert not {*found} & {*cards(first, "new")}
        assert not second.page.select("#more-new a[rel=next]")
        if htmx:
            assert second.fills == "#board-news"
            assert second.page.select_one("[hx-swap-oob='beforeend:#cards-new']")
            assert not second.page.select(".lane")
            assert second.headers["HX-Push-Url"] == "false"
        else:
            assert second.page.h1 and len(second.page.select(".lane")) == len(Status)

    @pytest.mark.parametrize(
        "query",
        [{"lane": "new", "after": "nonsense"}, {"lane": "nonsense", "after": "x"}, {"after": "newest~x~y"}, {"q": "%"}],
    )
    def test_what_is_not_understood_is_ignored(self, browser, aisha, lead, htmx, query):
        answer = browser.sign_in(aisha).get("board.show", htmx=htmx, target="board", **query)

        assert answer.status_code == 200
        assert len(answer.page.select(".lane")) == len(Status)

    def test_list_and_board_lead_to_each_other_with_the_filters(self, browser, aisha, lead, htmx):
        query = {"source_type": "website", "score_min": "10", "sort": "score"}
        listed = browser.sign_in(aisha).get("leads.index", htmx=htmx, target="lead-list", **query)
        to_board = listed.page.select("#lead-views a")[1]["href"]

        shown = browser.open("GET", to_board, htmx=htmx, target="board")

        assert len(cards(shown, "new")) == 1
        assert [link["href"] for link in shown.page.select("#lead-views a")] == [
            link["href"] for link in listed.page.select("#lead-views a")
        ]
        assert shown.page.select_one("#lead-views [aria-current]").get_text() == "Board"

    def test_a_count_opens_its_rows(self, browser, aisha, lead, htmx):
        shown = browser.sign_in(aisha).get("board.show", htmx=htmx, target="board", source_type="website")

        listed = browser.open("GET", shown.page.select_one("#lane-new .count")["href"])

        assert shown.said("#lane-new .count") == "1"
        assert "1 lead" in listed.said("#lead-list [role=status]")

    def test_closed_lanes_say_that_they_are_of_the_last_thirty_days(self, browser, aisha, lead, htmx):
        answer = browser.sign_in(aisha).get("board.show", htmx=htmx, target="board")

        for status in ("converted", "lost"):
            assert "the last 30 days" in answer.said(f"#lane-{status} .lane-head")
        assert "the last 30 days" not in answer.said("#lane-new .lane-head")


class TestMove:
    """Moves that were made on the board; what they ask for themselves is in test_pipeline."""

    NEWS = {"htmx": True, "target": "board-news"}

    @pytest.fixture
    def at_board(self, browser, aisha, lead):
        """Aisha's browser, with the moves of a card of the board before her."""
        browser.sign_in(aisha).get("pipeline.ask", lead_id=lead.lead_id, next=BOARD)
        return browser

    def test_without_scripts_it_leads_back_to_the_board_with_its_filters(self, browser, aisha, lead):
        shown = browser.sign_in(aisha).get("board.show", source_type="website")
        asks = shown.page.select_one(".lead-card > .more")
        target = shown.page.select_one(f"#{asks['form']} [name=next]")["value"]
        browser.open("GET", asks["formaction"], query_string={"next": target})

        answer = browser.post("pipeline.move", {"status": "contacted"}, lead_id=lead.lead_id)

        assert answer.hops == [(303, f"{BOARD}?source_type=website")]
        assert cards(answer, "contacted") == [f"/leads/{lead.lead_id}"]
        assert "Now Contacted." in answer.said("#toasts")

    def test_the_card_and_the_heads_of_the_lanes_concerned_come_back_and_nothing_else(self, at_board, aisha, lead):
        busy(aisha, 3)

        answer = at_board.post("pipeline.move", {"status": "contacted"}, lead_id=lead.lead_id, **self.NEWS)

        assert answer.fills == "#board-news"
        assert heads(answer) == {"new": "3", "contacted": "1"}
        assert gone(answer) == f"#lead-{lead.lead_id}"
        assert (cards(answer), arrived(answer)) == ([f"/leads/{lead.lead_id}"], "#cards-contacted")
        assert not answer.page.select(".lane, .lane-more")
        assert "Now Contacted." in answer.said("#toasts")
        assert answer.queries == 3

    @PAGE_AND_FRAGMENT
    def test_whoever_was_slower_finds_the_card_where_it_is_and_why(self, at_board, lead, htmx, unchanged):
        brought_to(lead, Status.QUALIFIED)
        unchanged.from_now()

        answer = at_board.post(
            "pipeline.move", {"status": "contacted"}, lead_id=lead.lead_id, **(self.NEWS if htmx else {})
        )

        assert answer.status_code == 409
        if htmx:
            assert (cards(answer), arrived(answer)) == ([f"/leads/{lead.lead_id}"], "#cards-qualified")
            assert heads(answer) == {"new": "0", "contacted": "0", "qualified": "1"}
        else:
            assert cards(answer, "qualified") == [f"/leads/{lead.lead_id}"]
            assert (cards(answer, "new"), cards(answer, "contacted")) == ([], [])
        assert answer.said(".is-back [role=alert]") == "Somebody was faster: this lead is Qualified now."
        assert unchanged

    @PAGE_AND_FRAGMENT
    def test_it_is_found_at_the_top_of_its_lane_though_many_are_newer(self, browser, aisha, mariam, lead, htmx):
        browser.sign_in(mariam).get("pipeline.ask", lead_id=lead.lead_id, next=BOARD)
        brought_to(backdated(lead, days=3), Status.CONTACTED)
        for _newer in range(21):
            brought_to(a_lead(), Status.CONTACTED)

        answer = browser.post(
            "pipeline.move", {"status": "contacted"}, lead_id=lead.lead_id, **(self.NEWS if htmx else {})
        )

        assert answer.status_code == 409
        assert cards(answer, "" if htmx else "contacted")[0] == f"/leads/{lead.lead_id}"
        assert not htmx or arrived(answer) == "#cards-contacted"
        assert "Aisha Rahman" in answer.said(".is-back")

    @PAGE_AND_FRAGMENT
    def test_a_move_that_the_path_does_not_have_goes_back(self, at_board, lead, htmx, unchanged):
        unchanged.from_now()

        answer = at_board.post(
            "pipeline.move", {"status": "negotiation"}, lead_id=lead.lead_id, **(self.NEWS if htmx else {})
        )

        assert answer.status_code == 409
        assert cards(answer, "" if htmx else "new") == [f"/leads/{lead.lead_id}"]
        assert not htmx or arrived(answer) == "#cards-new"
        assert "A lead cannot go from New to Negotiation." in answer.said(".is-back [role=alert]")
        assert unchanged

    def test_where_the_filters_leave_no_lane_for_it_the_reason_is_said_above(self, browser, aisha, lead):
        browser.sign_in(aisha).get("pipeline.ask", lead_id=lead.lead_id, next=f"{BOARD}?status=new")
        brought_to(lead, Status.QUALIFIED)

        answer = browser.post("pipeline.move", {"status": "contacted"}, lead_id=lead.lead_id, **self.NEWS)

        assert answer.status_code == 409
        assert "Somebody was faster: this lead is Qualified now." in answer.said("#board-news [role=alert]")
        assert (heads(answer), cards(answer)) == ({"new": "0"}, [])

    @PAGE_AND_FRAGMENT
    def test_losing_asks_first_and_comes_back(self, at_board, lead, htmx, unchanged):
        unchanged.from_now()
        asks = at_board.last.select_one("form a[href]")["href"]
        question = at_board.open("GET", asks, htmx=htmx, target="board-news")
        assert question.page.h1.get_text() == "Why was it lost?"
        assert question.fills == ("#main" if htmx else None)
        assert question.page.find("a", string="Not yet")["href"] == BOARD
        assert unchanged

        answer = at_board.post("pipeline.move", {"lost_reason": "price"}, lead_id=lead.lead_id, htmx=htmx)

        assert answer.path == BOARD
        assert cards(answer, "lost") == [f"/leads/{lead.lead_id}"]
        assert "Now Lost." in answer.said("#toasts")

    def test_a_question_without_its_answer_keeps_the_way_back(self, at_board, lead):
        at_board.open("GET", at_board.last.select_one("form a[href]")["href"])

        answer = at_board.post("pipeline.move", {"notes": "Kept"}, lead_id=lead.lead_id)

        assert answer.status_code == 422
        assert answer.page.select_one("[name=next]")["value"] == BOARD

    @PAGE_AND_FRAGMENT
    def test_asking_about_a_lead_that_somebody_closed_meanwhile_says_so(self, at_board, lead, htmx):
        asks = at_board.last.select_one("form a[href]")["href"]
        brought_to(lead, Status.LOST)

        answer = at_board.open("GET", asks, htmx=htmx, target="board-news")

        assert answer.status_code == 409
        assert cards(answer, "lost") == [f"/leads/{lead.lead_id}"]
        assert answer.said(".is-back [role=alert]") == "Somebody was faster: this lead is Lost now."

    @pytest.mark.parametrize(
        "elsewhere", ["https://elsewhere.example/leads/board", "//elsewhere.example", "/leads", "/leads/board/x", ""]
    )
    def test_it_leads_nowhere_else(self, at_board, lead, elsewhere):
        answer = at_board.post("pipeline.move", {"status": "contacted", "next": elsewhere}, lead_id=lead.lead_id)

        assert answer.path == f"/leads/{lead.lead_id}"

    def test_what_the_way_back_says_beside_the_filters_is_left_out(self, at_board, lead):
        target = f"{BOARD}?status=contacted&status=new&unknown=1&after=x&lane=lost&endpoint=x"

        answer = at_board.post("pipeline.move", {"status": "contacted", "next": target}, lead_id=lead.lead_id)

        assert answer.hops == [(303, f"{BOARD}?status=contacted&status=new")]

    @PAGE_AND_FRAGMENT
    @pytest.mark.parametrize("whose", ["a colleague's", "nobody's"])
    def test_a_lead_that_is_not_theirs_is_missing(self, another, yousef, lead, unchanged, htmx, whose):
        lead_id = lead.lead_id if whose == "a colleague's" else uuid4()
        browser = another(yousef)
        browser.get("board.show")
        unchanged.from_now()

        sent = {"status_from": "new", "status": "contacted", "next": BOARD}
        answer = browser.post("pipeline.move", sent, lead_id=lead_id, **(self.NEWS if htmx else {}))

        assert answer.status_code == 404
        assert unchanged


def test_reception_has_no_board(browser, rashid):
    assert browser.sign_in(rashid).get("board.show").status_code == 403


def test_a_page_of_very_many_cards_leaves_lanes_to_their_links(browser, mariam):
    sql("""INSERT INTO leads (source_type, first_name, last_name, phone, status)
           SELECT 'bayut', 'N' || n, '', '+97150' || lpad(n::text, 7, '0'),
                  (ARRAY['new', 'contacted', 'qualified', 'negotiation'])[1 + n % 4]
           FROM generate_series(1, 80) n""")

    page = browser.sign_in(mariam).get("board.show").page

    assert len(page.select(".lead-card")) == 60
    (link,) = page.select(".lane-more .without-js")
    lane = browser.open("GET", link["href"]).page.select_one("#lane-negotiation")
    assert len(lane.select(".lead-card")) == 20
