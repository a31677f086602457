"""The words themselves. What a seed draws depends on their order and number."""

from .goods import DETAILS, GOODS, MODIFIERS, MORE
from .houses import HOUSES
from .labels import LABELS
from .months import MONTHS, SHORT_MONTHS
from .names import CITIES, CUSTOMERS, NAME_WORDS, PEOPLE, STREETS
from .notices import FOOTERS, SLOGANS, TITLES

__all__ = [
    "CITIES",
    "CUSTOMERS",
    "DETAILS",
    "FOOTERS",
    "GOODS",
    "HOUSES",
    "LABELS",
    "MODIFIERS",
    "MORE",
    "MONTHS",
    "NAME_WORDS",
    "PEOPLE",
    "SHORT_MONTHS",
    "SLOGANS",
    "STREETS",
    "TITLES",
]
