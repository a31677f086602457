"""The lines of a page's print, and what in them may be an amount, a name or a heading."""

import re
from dataclasses import dataclass

import numpy as np

from ..segments import parts, spaced

SUM = re.compile(
    r"T[O0A]T[AO]L|\bTTL\b|\bSUB.?T|ROUND|\bCASH\b|CHANGE|\bTENDER|\bPAID\b|PAYMENT|\bDUE\b|BALANCE"
    r"|\bNETT?\b|\bGST|\bTAX|\bAMOUNT\b|\bAMT\b|\bVISA|MASTER|\bDISC|\bSERV|\bQTY|CHARGE|EXCL|INCL"
    r"|PAYABLE|\bSST\b|VOUCHER|\bITEM ?\(S|\bITEM COUNT|\bNO\.? OF ITEM"
)
HEADING = re.compile(
    r"\b(?:QTY|QUANTITY|PRICE|U\.?PRICE|AMOUNT|AMT|ITEMS?|DESC\w*|UOM|CODE|DISC|TOTAL|RM)\b"
)
AMOUNT = re.compile(r"(?<![\d.,])-?\d{1,3}(?:,\d{3})*\.\d\d(?!\d)|(?<![\d.,])-?\d{4,5}\.\d\d(?!\d)")
AFTER = re.compile(r"^[\s*]*(?:\[?[A-Z]{1,3}\d?\]?|RM|\*)?[\s*.]*$")  # what may follow an amount
WORDS = re.compile(r"[A-Za-z]{3,}|[A-Za-z]{2,}[ .-]*[A-Za-z]{2,}")
HOURS = re.compile(r"\d ?HRS\b|\d ?[AP]M\b|\bTEL\b|\bDATE\b|\bTIME\b|\bNO ?[.:]")
MARKS = re.compile(
    r"^(?:RM|MYR|X|PCS?|UNIT|EA|EACH|\W*(?:SR|ZR|SRO|SR0|ZRL|GS)\W*|QTY|[A-Z\W]|\d{6,}[-)]?)$"
)
WORD, END = re.compile(r"\w"), re.compile(r"[\w)]")

Printed = tuple[str, list[int]]  # a text, and the glyph of each of its characters or -1
Span = tuple[int, int]  # where in a row's text


@dataclass
class Row:
    """A line of print: its text, the glyph of each character or -1, where its segments are, and
    its height in pixels."""

    text: str
    places: list[int]
    segments: list[Span]
    height: float


def rows_of(glyphs: np.ndarray) -> list[Row]:
    rows: dict[int, Row] = {}
    for members in parts(glyphs):
        part = glyphs[members]
        text, _, places = spaced(part)
        height = float(np.median(part["y1"] - part["y0"]))
        row = rows.setdefault(int(part["line"][0]), Row("", [], [], height))
        if row.text:
            row.text += "  "
            row.places += [-1, -1]
        row.segments.append((len(row.text), len(row.text) + len(text)))
        row.text += text
        row.places += [-1 if p < 0 else int(members[p]) for p in places]
    return [rows[line] for line in sorted(rows)]


def value_of(text: str) -> float:
    return float(text.replace(",", ""))


def ends_in_amount(row: Row) -> tuple[Span, float] | None:
    """The amount at the end of a row, but for a mark of its tax."""
    found = list(AMOUNT.finditer(row.text))
    if found and AFTER.match(row.text[found[-1].end() :].upper()):
        return found[-1].span(), value_of(found[-1][0])
    return None


def is_heading(text: str) -> bool:
    return len(HEADING.findall(text.upper())) > 1


def is_name(text: str) -> bool:
    """Whether a text may be the name of goods: letters, and not one code."""
    upper = text.upper()
    if any(pattern.search(upper) for pattern in (SUM, HOURS)) or MARKS.match(upper.strip("()[] ")):
        return False
    figures = sum(c.isdigit() for c in text)
    return letters(text) > 1 and (WORDS.search(text) is not None or letters(text) >= figures)


def words_of(row: Row, cuts: list[Span]) -> Printed:
    """The words of a row, without the `cuts`: the stretch of most letters between them, within a
    segment."""
    best: Printed = ("", [])
    for start, stop in row.segments:
        bounds = [start]
        for cut in sorted(cuts):
            if start <= cut[0] < stop:
                bounds += cut
        bounds.append(stop)
        for a, b in zip(bounds[::2], bounds[1::2], strict=True):
            text, places = trimmed(row.text[a:b], row.places[a:b])
            if letters(text) > letters(best[0]):
                best = (text, places)
    return best


def letters(text: str) -> int:
    return sum(c.isalpha() for c in text)


def trimmed(text: str, places: list[int]) -> Printed:
    """Without marks of currency, number and tax at either end."""
    words = [(match.start(), match.end(), match[0]) for match in re.finditer(r"[^ ]+", text)]
    while len(words) > 1 and (MARKS.match(words[0][2].upper()) or not WORD.search(words[0][2])):
        words.pop(0)
    while len(words) > 1 and (MARKS.match(words[-1][2].upper()) or not END.search(words[-1][2])):
        words.pop()
    if not words:
        return "", []
    cut = slice(words[0][0], words[-1][1])
    return text[cut], places[cut]
