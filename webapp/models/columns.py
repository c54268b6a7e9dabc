"""The column types and defaults that the tables share."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from sqlalchemy import DateTime, FetchedValue, String, func, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import mapped_column
from sqlalchemy.types import TypeDecorator

from webapp.vocabulary import Word

Key = Annotated[UUID, mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))]
Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]
Created = Annotated[datetime, mapped_column(DateTime(timezone=True), server_default=func.now())]
Updated = Annotated[
    datetime,
    mapped_column(DateTime(timezone=True), server_default=func.now(), server_onupdate=FetchedValue()),
]
Texts = Annotated[list[str], mapped_column(postgresql.ARRAY(postgresql.TEXT))]


class OneOf(TypeDecorator):
    """A VARCHAR that holds a word of one of our vocabularies and comes back as that word."""

    impl = String
    cache_ok = True

    def __init__(self, words: type[Word], length: int = 50):
        super().__init__(length)
        self.words = words

    def process_bind_param(self, value, dialect):
        return None if value is None else str(value)

    def process_result_value(self, value, dialect):
        return None if value is None else self.words.stored(value)


def one_of(words: type[Word], column: str) -> str:
    """The CHECK expression that keeps `column` inside its vocabulary."""
    return f"{column} IN ({words_of(words)})"


def words_of(words: type[Word]) -> str:
    """The words of a vocabulary, as SQL lists them."""
    return ", ".join(repr(word.value) for word in words)
