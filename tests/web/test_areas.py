"""Areas while somebody types."""

import pytest


class TestAreas:
    @pytest.mark.parametrize(
        "q, name", [("marina", "Dubai Marina"), ("JVC", "Jumeirah Village Circle"), ("مارينا", "Dubai Marina")]
    )
    def test_they_are_found_by_any_of_their_names(self, browser, aisha, q, name):
        answer = browser.sign_in(aisha).get("areas.matching", q=q)

        assert answer.page.select_one(f"#area-list [data-area='{name}']")
        assert answer.queries == 1

    @pytest.mark.parametrize("q", ["", "zzzz", "%", "\x00", "x" * 10_000, "\u202e"])
    def test_nothing_found_is_nothing_shown(self, browser, aisha, q):
        answer = browser.sign_in(aisha).get("areas.matching", q=q)

        assert answer.status_code == 200
        assert not answer.page.select("[data-area]") or q == ""
