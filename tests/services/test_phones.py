import csv
from pathlib import Path

import pytest

from webapp import phones

TABLE = Path(__file__).parents[1] / "fixtures" / "phone_spellings.csv"
with TABLE.open(encoding="utf-8", newline="") as file:
    SPELLINGS = [(row["input"], row["expected_e164"] or None, row["comment"]) for row in csv.DictReader(file)]


def test_the_table_of_truth_is_complete():
    assert len(SPELLINGS) == 164
    assert sum(expected is None for _typed, expected, _why in SPELLINGS) == 45


@pytest.mark.parametrize(("typed", "expected", "why"), SPELLINGS)
def test_a_spelling_is_read_as_the_table_says(typed, expected, why):
    assert phones.to_e164(typed) == expected, why


def test_no_number_at_all_is_none():
    assert phones.to_e164(None) is None


def test_what_was_stored_is_read_as_itself():
    stored = {expected for _typed, expected, _why in SPELLINGS if expected}

    assert {phones.to_e164(e164) for e164 in stored} == stored


class TestPortal:
    @pytest.mark.parametrize(
        ("typed", "expected"),
        [
            ("971501234567", "+971501234567"),
            ("447911123456", "+447911123456"),
            ("966501234567", "+966501234567"),
            ("0501234567", "+971501234567"),
            ("+919876543210", "+919876543210"),
        ],
    )
    def test_it_writes_foreign_numbers_without_the_plus(self, typed, expected):
        assert phones.to_e164(typed, portal=True) == expected


class TestPretty:
    def test_it_is_how_people_write_it(self):
        assert phones.pretty("+971500000142") == "+971 50 000 0142"

    def test_what_is_no_number_is_shown_as_it_is(self):
        assert phones.pretty("unknown") == "unknown"


class TestKinds:
    @pytest.mark.parametrize(("e164", "mobile"), [("+971501234567", True), ("+97143456789", False), ("-", False)])
    def test_only_mobiles_have_whatsapp(self, e164, mobile):
        assert phones.is_mobile(e164) is mobile

    @pytest.mark.parametrize(
        ("typed", "service"), [("600540000", True), ("800 1234", True), ("0501234567", False), ("?", False)]
    )
    def test_call_centres_are_told_from_people(self, typed, service):
        assert phones.is_service(typed) is service


class TestDigits:
    @pytest.mark.parametrize(
        ("typed", "expected"), [("+971 50-12", "9715012"), ("٠٥٠ 12", "05012"), ("۰۵", "05"), ("none", "")]
    )
    def test_they_are_latin_whatever_was_typed(self, typed, expected):
        assert phones.digits(typed) == expected
