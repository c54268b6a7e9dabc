"""The Arabic catalogue: complete, up to date with the sources, and compiled."""

import re
from io import BytesIO

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from tests.house.source import ROOT

FOLDER = ROOT / "webapp" / "translations" / "ar" / "LC_MESSAGES"
KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None, "lazy": None}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


@pytest.fixture(scope="module")
def catalogue():
    with open(FOLDER / "messages.po", "rb") as file:
        return read_po(file, locale="ar")


@pytest.fixture(scope="module")
def in_the_sources() -> set:
    with open(ROOT / "babel.cfg", encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(str(ROOT), methods, options, keywords=KEYWORDS)
    return {message for _file, _line, message, _comments, _context in found}


def test_it_holds_exactly_what_the_sources_say(catalogue, in_the_sources):
    known = {message.id for message in catalogue if message.id}

    assert known - in_the_sources == set(), "no longer said"
    assert in_the_sources - known == set(), "not yet in the catalogue"


def test_everything_is_translated_and_nothing_is_fuzzy(catalogue):
    for message in catalogue:
        if message.id:
            texts = message.string if isinstance(message.string, tuple) else (message.string,)
            assert all(texts), message.id
            assert len(texts) == (6 if message.pluralizable else 1), message.id
            assert not message.fuzzy, message.id


def test_the_placeholders_are_the_same(catalogue):
    for message in catalogue:
        if not message.id:
            continue
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        expected = {name for text in ids for name in PLACEHOLDER.findall(text)}
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        for text in texts:
            assert set(PLACEHOLDER.findall(text)) - {"num"} == expected - {"num"}, message.id
            assert set(PLACEHOLDER.findall(text)) <= expected, message.id


def test_it_is_arabic(catalogue):
    latin = {"WhatsApp", "Lead desk", "PostgreSQL"}
    for message in catalogue:
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        plain = PLACEHOLDER.sub("", texts[0])
        if message.id and re.search(r"[A-Za-z]{3,}", str(message.id)) and plain not in latin:
            assert re.search(r"[\u0600-\u06ff]", texts[-1]) or not re.search(r"[A-Za-z]{4,}", plain), message.id


def test_the_compiled_file_is_this_catalogue(catalogue):
    compiled = BytesIO()
    write_mo(compiled, catalogue)

    assert (FOLDER / "messages.mo").read_bytes() == compiled.getvalue()
