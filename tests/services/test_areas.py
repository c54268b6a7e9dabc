import pytest

from webapp import areas
from webapp.areas import AREAS


def spellings():
    return [(spelling, name) for name, (arabic, others) in AREAS.items() for spelling in (name, arabic, *others)]


class TestCanonical:
    def test_every_spelling_of_every_area_has_its_one_name(self):
        assert [(s, areas.canonical(s)) for s, _name in spellings()] == spellings()

    def test_no_spelling_belongs_to_two_areas(self):
        folded = [areas.fold(spelling) for spelling, _name in spellings()]

        assert sorted(folded) == sorted(set(folded))

    @pytest.mark.parametrize("typed", ["jbr", "JBR", " Jbr ", "jumeirah  beach\tresidence", "JUMEIRAH BEACH RESIDENCE"])
    def test_case_and_spaces_do_not_matter(self, typed):
        assert areas.canonical(typed) == "Jumeirah Beach Residence"

    @pytest.mark.parametrize("typed", ["أبراج بحيرات جميرا", "ابراج بحيرات جميرا", "أَبراج بحيرات جميرا"])
    def test_arabic_letters_and_diacritics_may_vary(self, typed):
        assert areas.canonical(typed) == "Jumeirah Lake Towers"

    @pytest.mark.parametrize("typed", ["Ajman Corniche", "JB", "Marina Bay Singapore", ""])
    def test_what_we_do_not_know_is_kept_as_typed(self, typed):
        assert areas.canonical(typed) == typed


class TestMatching:
    def test_a_word_inside_the_name_may_begin_with_it(self):
        assert ("Dubai Marina", "دبي مارينا") in areas.matching("mari")

    def test_the_middle_of_a_word_is_not_enough(self):
        assert "Dubai Marina" not in [name for name, _arabic in areas.matching("arina")]

    def test_names_that_begin_with_it_come_first(self):
        assert areas.matching("jumeirah")[0][0].startswith("Jumeirah")
        assert [name for name, _ in areas.matching("hills")][-1] != "Hills"
        assert areas.matching("palm")[0][0] == "Palm Jumeirah"

    def test_an_alias_finds_it_too(self):
        assert [name for name, _arabic in areas.matching("JVC")] == ["Jumeirah Village Circle"]

    def test_there_are_never_more_than_asked_for(self):
        assert len(areas.matching("a", limit=3)) == 3

    @pytest.mark.parametrize("typed", ["", "  ", "zzz", "%", "_"])
    def test_nothing_is_found_where_nothing_fits(self, typed):
        assert areas.matching(typed) == []
