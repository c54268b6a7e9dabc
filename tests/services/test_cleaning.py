import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp import cleaning

pytestmark = pytest.mark.usefixtures("app")

SHOWN = [
    "Aisha",
    "عائشة بنت راشد",
    "José Ñandú",
    "أَحْمَد",
    "نمی‌خواهم",
    "👩‍👩‍👧 and 🇦🇪",
    "李小龍",
    "O'Brien-Smith, Jr.",
    "<b>bold</b>",
]
INVISIBLE = ["\u200b", "\u200d\u200d", "\ufeff", "\u200e\u200f", "\u00ad", "\u0301", "\u3164", "\u2800"]
CONTROLS = ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\x9f", "\ud800", "\udfff", "\ue000", "\ufdd0"]
BIDI = [chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))]


def spelled(characters):
    return [f"U+{ord(c[0]):04X}" for c in characters]


class TestText:
    @pytest.mark.parametrize("typed", SHOWN)
    def test_what_people_write_is_kept(self, typed):
        assert cleaning.text(typed, longest=100) == unicodedata.normalize("NFC", typed)

    def test_it_is_trimmed_and_composed(self):
        assert cleaning.text("  Jose\u0301\u00a0 ", longest=4) == "José"

    def test_line_breaks_become_plain_ones(self):
        assert cleaning.text("one\r\ntwo\rthree\n", longest=50, lines=True) == "one\ntwo\nthree"

    @pytest.mark.parametrize("inside", ["one\ntwo", "one\ttwo", "one\rtwo"])
    def test_a_single_line_takes_no_breaks(self, inside):
        with pytest.raises(ValueError, match="cannot be shown"):
            cleaning.text(inside, longest=50)

    @pytest.mark.parametrize("character", CONTROLS, ids=spelled(CONTROLS))
    def test_control_characters_are_refused(self, character):
        with pytest.raises(ValueError, match="cannot be shown"):
            cleaning.text(f"Ai{character}sha", longest=50, lines=True)

    @pytest.mark.parametrize("character", BIDI, ids=spelled(BIDI))
    def test_bidi_overrides_are_refused(self, character):
        with pytest.raises(ValueError, match="cannot be shown"):
            cleaning.text(f"{character}Aisha", longest=50)

    @pytest.mark.parametrize("typed", INVISIBLE, ids=spelled(INVISIBLE))
    def test_what_nobody_can_see_is_refused(self, typed):
        with pytest.raises(ValueError):
            cleaning.text(typed, longest=50)

    @pytest.mark.parametrize("typed", ["", "   ", "\n\t "])
    def test_nothing_is_nothing(self, typed):
        assert cleaning.text(typed, longest=50) == ""

    def test_the_longest_fits_and_one_more_does_not(self):
        assert cleaning.text("x" * 50, longest=50) == "x" * 50
        with pytest.raises(ValueError, match="At most 50 characters; this has 51"):
            cleaning.text("x" * 51, longest=50)

    @given(st.text(max_size=40))
    def test_cleaning_twice_changes_nothing(self, typed):
        try:
            once = cleaning.text(typed, longest=40, lines=True)
        except ValueError:
            return
        assert cleaning.text(once, longest=40, lines=True) == once
        assert "\x00" not in once


class TestMoney:
    @pytest.mark.parametrize(
        ("typed", "amount"),
        [
            ("1250000", 1_250_000),
            ("1,250,000", 1_250_000),
            ("1 250 000", 1_250_000),
            ("AED 1,250,000", 1_250_000),
            ("1.5M", 1_500_000),
            ("1.5 m", 1_500_000),
            ("85k", 85_000),
            ("2.25K", 2_250),
            ("٨٥٠٠٠", 85_000),
            ("١٬٢٥٠٬٠٠٠", 1_250_000),
            ("۱٫۵M", 1_500_000),
            ("0.01", Decimal("0.01")),
            ("99.90", Decimal("99.9")),
            (".5", Decimal("0.5")),
            (" 7 ", 7),
        ],
    )
    def test_people_write_it_in_many_ways(self, typed, amount):
        assert cleaning.money(typed) == amount

    @pytest.mark.parametrize(
        "typed",
        [
            *("", " ", "AED", "k", ".", "1.2.3", "one million", "1M5", "5%", "1/2", "0x10"),
            *("NaN", "nan", "sNaN", "Infinity", "-Infinity", "inf", "1E400", "1e6", "1_000"),
            *("-5", "+5", "-0", "(5)", "−5", "9" * 40, "1\x00", "\ud8005"),
        ],
    )
    def test_what_is_no_plain_amount_is_refused(self, typed):
        with pytest.raises(ValueError, match="Write the amount in AED"):
            cleaning.money(typed)

    @pytest.mark.parametrize("typed", ["0.001", "1.005", "1.234567k"])
    def test_there_are_no_more_than_two_decimals(self, typed):
        with pytest.raises(ValueError, match="two decimals"):
            cleaning.money(typed)

    @given(st.text(max_size=30))
    def test_whatever_is_typed_it_is_a_finite_amount_or_a_sentence(self, typed):
        try:
            amount = cleaning.money(typed)
        except ValueError as refused:
            assert str(refused)
        else:
            assert amount.is_finite()
            assert amount >= 0


class TestWhole:
    @pytest.mark.parametrize(("typed", "number"), [("0", 0), ("7", 7), (" 12 ", 12), ("٣", 3), ("۲۰", 20), ("007", 7)])
    def test_digits_of_every_script_are_digits(self, typed, number):
        assert cleaning.whole(typed, lowest=0, highest=20) == number

    @pytest.mark.parametrize(
        "typed", ["", " ", "-1", "+1", "1.0", "1_0", "1e1", "²", "½", "NaN", "x", "9" * 5_000, "1\x00"]
    )
    def test_what_is_no_whole_number_is_refused(self, typed):
        with pytest.raises(ValueError, match="Write a whole number"):
            cleaning.whole(typed, lowest=0, highest=20)

    @pytest.mark.parametrize("typed", ["21", "999999999"])
    def test_what_lies_outside_is_told_the_range(self, typed):
        with pytest.raises(ValueError, match="0–20"):
            cleaning.whole(typed, lowest=0, highest=20)

    @given(st.text(max_size=30))
    def test_whatever_is_typed_it_is_a_number_in_the_range_or_a_sentence(self, typed):
        try:
            assert 3 <= cleaning.whole(typed, lowest=3, highest=90) <= 90
        except ValueError as refused:
            assert str(refused)
