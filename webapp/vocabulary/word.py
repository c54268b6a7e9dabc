"""What every closed list is made of."""

from enum import StrEnum
from typing import Self


class Word(StrEnum):
    """One word of a closed list: its value is stored, its label is shown."""

    label: str

    def __new__(cls, value: str, label: str = ""):
        word = str.__new__(cls, value)
        word._value_ = value
        word.label = label
        return word

    @classmethod
    def stored(cls, value: str) -> Self:
        """The word that a column holds. One that another program has left there is shown as it stands."""
        if value in cls._value2member_map_:
            return cls(value)
        word = str.__new__(cls, value)
        word._name_ = word._value_ = word.label = value
        return word

    @classmethod
    def spelled(cls, value: str) -> Self:
        """The word, in whatever capitals and with whatever spaces around it."""
        plain = value.strip().lower()
        return next((word for word in cls if word.value.lower() == plain), cls.stored(value))
