"""How dates and times are printed."""

import datetime
import random
from dataclasses import dataclass

from ..lexicon import MONTHS, SHORT_MONTHS
from ..page import DAY, MONTH, YEAR
from .money import weighted
from .paper import Text, text


def make_date(rng: random.Random) -> datetime.date:
    return datetime.date(2010, 1, 1) + datetime.timedelta(days=rng.randrange(17 * 365))


@dataclass(frozen=True)
class DateStyle:
    """`pattern` has d, D (two digits), m, M, b (month cut short), B (month), y, Y (four)."""

    pattern: str
    country: str
    upper: bool

    def write(self, date: datetime.date, role: str) -> Text:
        out = text("")
        for letter in self.pattern:
            part, value = self.field(date, letter)
            out += text(value, role, -1, part)
        return out

    def field(self, date: datetime.date, letter: str) -> tuple[int, str]:
        case = str.upper if self.upper else str
        match letter:
            case "d":
                return DAY, str(date.day)
            case "D":
                return DAY, f"{date.day:02}"
            case "m":
                return MONTH, str(date.month)
            case "M":
                return MONTH, f"{date.month:02}"
            case "b":
                return MONTH, case(SHORT_MONTHS[self.country][date.month - 1])
            case "B":
                return MONTH, case(MONTHS[self.country][date.month - 1])
            case "y":
                return YEAR, f"{date.year % 100:02}"
            case "Y":
                return YEAR, str(date.year)
        return 0, letter


PATTERNS = (
    "D/M/Y",
    26,
    "D-M-Y",
    14,
    "D.M.Y",
    5,
    "D.M.y",
    4,
    "D/M/y",
    12,
    "D-M-y",
    5,
    "Y-M-D",
    9,
    "YMD",
    1,
    "Y/M/D",
    1.5,
    "d/m/Y",
    5,
    "D b Y",
    7,
    "D-b-Y",
    5,
    "D-b-y",
    2,
    "b D, Y",
    4,
    "d B Y",
    9,
    "D B Y",
    3,
    "B d, Y",
    2,
    "D b y",
    2,
    "d b Y",
    2,
    "D/b/Y",
    1,
    "DbY",
    0.5,
)


def make_date_style(rng: random.Random, country: str) -> DateStyle:
    pattern = weighted(rng, PATTERNS)
    month_first = pattern[0] in "bB"
    language = "en" if month_first else rng.choice((country, country, "en"))
    return DateStyle(pattern, language, rng.random() < 0.35)


def clock(rng: random.Random) -> str:
    hour, minute, second = rng.randrange(7, 23), rng.randrange(60), rng.randrange(60)
    half = "AM" if hour < 12 else "PM"
    return rng.choice(
        (
            f"{hour:02}:{minute:02}",
            f"{hour:02}:{minute:02}",
            f"{hour:02}:{minute:02}:{second:02}",
            f"{hour % 12 or 12}:{minute:02} {half}",
            f"{hour % 12 or 12:02}:{minute:02}:{second:02} {half}",
            f"{hour % 12 or 12}:{minute:02}:{second:02}{half}",
            f"{hour:02}.{minute:02}",
        )
    )
