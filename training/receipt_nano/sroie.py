"""Pages from the scanned receipts of the ICDAR 2019 SROIE challenge.

The folder holds img/NAME.jpg, box/NAME.csv (a box and its text in a line: eight coordinates of
the corners, then the text) and key/NAME.json (company, date, address, total). The texts are in
capitals whatever the print is in.
"""

import hashlib
import json
import re
import string
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from .cells import Run, cased, order_lines, split, upright
from .page import DAY, GLYPH, MONTH, ROLE, YEAR, Page

VALIDATION = 60  # scans
UNKNOWN = "~"  # stands for a character that is not ASCII
LARGEST = 12  # scans of one company in the validation part

MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
MONTH_WORD = rf"(?P<m>(?:{'|'.join(MONTHS)})[A-Z]*)"
DATES = tuple(
    re.compile(rf"(?<![\d]){pattern}(?!\d)")
    for pattern in (
        r"(?P<y>(?:19|20)\d\d)(?P<s>[-/. ])(?P<m>\d\d?)(?P=s)(?P<d>\d\d?)",
        r"(?P<d>\d\d?) ?(?P<s>[-/.]) ?(?P<m>\d\d?) ?(?P=s) ?(?P<y>(?:19|20)\d\d|\d\d)",
        rf"(?P<d>\d\d?)[-/ .,]*{MONTH_WORD}[-/ .,']*(?P<y>(?:19|20)\d\d|\d\d)",
        rf"{MONTH_WORD}[-/ .]*(?P<d>\d\d?)[ ,.]+(?P<y>(?:19|20)\d\d|\d\d)",
        r"(?<!\d[-/.])(?P<d>[0-3]\d)[-/.](?P<m>0[1-9]|1[012])(?P<y>20[012]\d)",
        r"(?<!\d[-/.])(?P<d>[0-3]\d)(?P<m>0[1-9]|1[012])[-/.](?P<y>20[012]\d)",
        r"(?P<y>20[012]\d)(?P<m>0[1-9]|1[012])(?P<d>[0-3]\d)",
        r"(?P<d>[0-3]\d)(?P<m>0[1-9]|1[012])(?P<y>20[012]\d)",
    )
)

AMOUNT = re.compile(
    r"(?<![\w.,/])-? ?(?:RM|MYR|\$)? ?-?(\d{1,3}(?:,\d{3})+|\d+)(\.\d{1,2})?(?![\w/%])"
)
STRONG = re.compile(
    r"GRAND|NETT?\b|FINAL|ROUNDED|A[FT]TER (?:ROUND|ADJ)|PAYABLE|\bDUE\b|TO BE PAID|TO PAY"
    r"|AMT PAID INC"
)
TOTAL = re.compile(r"(?<!SUB)(?<!SUB[ \-])(?:T[O0A]TAL|TTL)|^T[O0L]\b")
SUM = re.compile(r"AMOUNT|\bAMT\b|ROUNDING\b(?! ADJ)")
INCLUSIVE = re.compile(r"\bINC")
SUBTOTAL = re.compile(r"SUB[ \-]?T[O0]TAL")
OTHER = re.compile(
    r"QTY|QUANT|ITEM|CHANGE|EXC|SAVING|POINT|TENDER|(?<!AMT )\bPAID\b|DISC|BALANCE\b(?! DUE)"
    r"|TAX (?:TOTAL|AMOUNT)|TOTAL (?:TAX|GST)|INCLUDED IN|ROUND(?:ING|\.)? ?ADJ|^GST|\bBEFORE\b"
)
PAYMENT = re.compile(r"^\W*(?:CASH|VISA|MASTER|CARD|CREDIT|DEBIT|PAYMENT|TENDER|CHANGE|PAID)\b")
SUMMARY = re.compile(r"(?:GST|TAX) (?:SUMMARY|ANALYSIS|CODE|SUMM)")

MARK = r"(?:\s*(?:NUMBER|N[O0]\b[.,]?|#)(?:/DATE)?[\s:.,#]*|\s*:)\s*"
KINDS = (
    r"(?:INVOICE|INVOLCE|INV)[ \-]?",
    r"(?:RECEIPT|RCPT)(?:/TRX)?",
    r"BILL",
    r"DOC(?:UMENT)?",
    r"SLIP",
    r"TRN|TRANS(?:ACTION)?",
    r"CHECK|CHK|CB",
)
# Labels of an invoice's number, the likeliest first, a bare "No." last.
NUMBERED = (
    *(re.compile(rf"(?:^\W*|[AP]M )(?:TAX |CASH |SALES? )?(?:{kind}){MARK}") for kind in KINDS),
    re.compile(r"^(?:BILL|CHK) (?=\d)"),
    re.compile(r"^NO ?\.? ?: ?"),
)
NUMBER = re.compile(r"(?=[A-Z\-/_ ]*\d)[A-Z0-9]+(?:(?: ?[\-_] ?|[./])[A-Z0-9]+)*")


@dataclass
class Sheet:
    """The runs of a page in reading order and the glyphs made from them."""

    runs: list[Run]
    glyphs: np.ndarray
    lines: dict[int, list[Run]] = field(default_factory=lambda: defaultdict(list))

    def mark(self, run: Run, start: int, stop: int, role: str, part: int = 0) -> None:
        """Gives characters start..stop of a run a role."""
        cut = slice(run.first + start, run.first + stop)
        self.glyphs["role"][cut] = ROLE[role]
        self.glyphs["part"][cut] = part


# ---------------------------------------------------------------- which scans


def company_key(name: str) -> str:
    """A company's name less what varies between its branches: remarks in brackets, legal form."""
    name = re.sub(r"\([^)]*\)", "", name.upper())
    name = re.sub(r"\b(?:SDN|BHD|S/B|S\.B|CO|COMPANY|ENTERPRISE|TRADING)\b", "", name)
    return re.sub(r"[^A-Z0-9]", "", name)


def scans(folder: Path, part: Literal["train", "validation"]) -> list[str]:
    """Names of the scans of a part. All scans of a company are in the same part."""
    companies = defaultdict(list)
    for path in sorted((folder / "key").glob("*.json")):
        companies[company_key(json.loads(path.read_text())["company"])].append(path.stem)
    order = sorted(companies, key=lambda key: hashlib.sha256(key.encode()).hexdigest())
    chosen: list[str] = []
    for company in order:
        names = companies[company]
        if len(names) <= LARGEST and len(chosen) + len(names) <= VALIDATION:
            chosen += names
    if part == "validation":
        return sorted(chosen)
    return sorted({name for names in companies.values() for name in names} - set(chosen))


# ---------------------------------------------------------------- dates and amounts


def parsed(match: re.Match) -> str | None:
    """The day that a match of DATES stands for; the day comes first unless it cannot."""
    year, month, day = match["y"], match["m"], match["d"]
    number = int(month) if month.isdigit() else MONTHS.index(month[:3]) + 1
    first = int(day)
    if number > 12 >= first:
        first, number = number, first
    try:
        return date(int(year) + (2000 if len(year) == 2 else 0), number, first).isoformat()
    except ValueError:
        return None


def dates(text: str) -> list[tuple[str, re.Match]]:
    """The dates in a text, each as YYYY-MM-DD and its match."""
    upper = text.upper()
    found = [(parsed(m), m) for pattern in DATES for m in pattern.finditer(upper)]
    return [(day, m) for day, m in found if day]


def normalise_date(text: str) -> str | None:
    """The first date in a text as YYYY-MM-DD."""
    found = dates(text)
    return min(found, key=lambda f: f[1].start())[0] if found else None


def normalise_amount(text: str) -> float | None:
    """The amount a text consists of: "RM 1,234.50" is 1234.5, "" is None."""
    match = re.fullmatch(r"(-?)\s*(?:RM|MYR|\$)?\s*(-?)([\d,]+(?:\.\d+)?)", text.strip().upper())
    if not match or not any(c.isdigit() for c in match[3]):
        return None
    value = float(match[3].replace(",", ""))
    return -value if match[1] or match[2] else value


def whole_date(text: str) -> bool:
    """Whether a text is a date with separators and nothing else."""
    return any(m[0] == text and not text.isdigit() for _, m in dates(text))


# ---------------------------------------------------------------- print


def read_runs(path: Path, shape: tuple[int, int]) -> list[Run]:
    """The usable boxes of a scan, clipped to its picture, in the order of the file."""
    height, width = shape
    runs = []
    for row in path.read_text().splitlines():
        cells = row.split(",", 8)
        if len(cells) < 9:
            continue
        corners = [int(c) for c in cells[:8]]
        text = "".join(c for c in cells[8].strip() if c in string.printable and c >= " ")
        x0, x1 = max(min(corners[::2]), 0), min(max(corners[::2]), width)
        y0, y1 = max(min(corners[1::2]), 0), min(max(corners[1::2]), height)
        wide, tall = x1 - x0, y1 - y0
        if text and wide >= 2 * len(text) and tall >= 6 and not upright(wide, tall, text):
            runs.append(Run(x0, y0, x1, y1, text))
    return runs


def found_runs(found: dict, shape: tuple[int, int]) -> list[Run]:
    """The lines that a page reader found, as `receipt-gateway text --json` writes them."""
    height, width = shape
    runs = []
    for line in found["pages"][0]["lines"]:
        x, y, wide, tall = line["box"]
        x0, x1 = max(round(x * width), 0), min(round((x + wide) * width), width)
        y0, y1 = max(round(y * height), 0), min(round((y + tall) * height), height)
        text = "".join(c if c.isascii() and c >= " " else UNKNOWN for c in line["text"].strip())
        if text and x1 - x0 >= 2 * len(text) and y1 - y0 >= 6:
            runs.append(Run(x0, y0, x1, y1, text.upper(), printed=text))
    return runs


def lay_out(image: np.ndarray, runs: list[Run]) -> Sheet:
    """Sets line and first of the runs, and makes their glyphs."""
    sheet, rows = Sheet([], np.empty(0, GLYPH)), []
    for number, line in enumerate(order_lines(runs)):
        for run in line:
            run.line, run.first = number, len(rows)
            box = image[run.y0 : run.y1, run.x0 : run.x1]
            edges = split(box, run.text)
            printed = run.printed or cased(box, run.text, edges)
            for char, (left, right) in zip(printed, pairwise(run.x0 + edges), strict=True):
                rows.append((ord(char), left, run.y0, right, run.y1, 0, -1, 0, number))
            sheet.runs.append(run)
            sheet.lines[number].append(run)
    sheet.glyphs = np.array(rows, GLYPH)
    for edge in ("x0", "x1"):
        sheet.glyphs[edge] = sheet.glyphs[edge].clip(0, image.shape[1])
    return sheet


# ---------------------------------------------------------------- fields


def closest(needle: str, text: str) -> tuple[int, int, int]:
    """The stretch of `text` with the least edit distance from `needle`: distance, start, stop.
    The first of several."""
    row = [(0, j) for j in range(len(text) + 1)]
    for i, c in enumerate(needle):
        fresh = [(i + 1, 0)]
        for j, other in enumerate(text):
            change, skip, more = row[j], row[j + 1], fresh[j]
            fresh.append(
                min(
                    (change[0] + (c != other), change[1]),
                    (skip[0] + 1, skip[1]),
                    (more[0] + 1, more[1]),
                )
            )
        row = fresh
    stop = min(range(len(row)), key=lambda j: row[j][0])
    return row[stop][0], row[stop][1], stop


def mark_vendor(sheet: Sheet, company: str) -> str:
    """Marks where the company's name stands; it may go on in the next box. Gives the name with
    small letters where the print has them."""
    needle = [c for c in company.upper() if c.isalnum()]
    places = [
        (run, i, c) for run in sheet.runs for i, c in enumerate(run.text.upper()) if c.isalnum()
    ]
    distance, start, stop = closest("".join(needle), "".join(c for *_, c in places))
    if not needle or distance > 0.25 * len(needle):
        return company
    spans: dict[int, list[int]] = defaultdict(list)
    for run, i, _ in places[start:stop]:
        spans[run.first].append(i)
    for run in sheet.runs:
        if at := spans.get(run.first):
            last = max(at) + 1
            closing = company[-1] if not company[-1].isalnum() else ""
            if closing and run.text[last : last + 1] == closing:
                last += 1
            sheet.mark(run, min(at), last, "vendor_name")
    printed = [chr(sheet.glyphs["char"][run.first + i]) for run, i, _ in places[start:stop]]
    return in_case_of(company, "".join(printed))


def in_case_of(text: str, printed: str) -> str:
    """The text in the case of its letters and figures as printed; as it is where their numbers
    differ."""
    if sum(c.isalnum() for c in text) != len(printed):
        return text
    models = iter(printed)
    return "".join(c.lower() if c.isalnum() and next(models).islower() else c for c in text)


def mark_date(sheet: Sheet, day: str) -> bool:
    """Marks the first place where the date stands."""
    for run in sheet.runs:
        for found, match in dates(run.text):
            if found == day:
                sheet.mark(run, *match.span(), "invoice_date")
                swapped = match["m"].isdigit() and int(match["m"]) > 12
                parts = {"y": YEAR, "m": DAY if swapped else MONTH, "d": MONTH if swapped else DAY}
                for group, part in parts.items():
                    sheet.mark(run, *match.span(group), "invoice_date", part)
                return True
    return False


def amounts(run: Run, value: float) -> list[tuple[int, int]]:
    """Where in a run the value stands: its digits and what is between them, and its sign."""
    spans = []
    for match in AMOUNT.finditer(run.text):
        read = normalise_amount(match[0])
        if read is not None and abs(read - value) < 0.005:
            sign = match.start() if "-" in match[0] else match.start(1)
            spans.append((sign, match.end()))
    return spans


def is_amount(run: Run) -> bool:
    """Whether a run is an amount with decimals and nothing else."""
    return "." in run.text and normalise_amount(run.text) is not None


def holds_amount(run: Run) -> bool:
    """Whether a run has an amount with decimals in it."""
    return any(match[2] for match in AMOUNT.finditer(run.text))


def label_of(sheet: Sheet, run: Run, start: int) -> str:
    """What is printed before a value on its line, after the amount before it; where that is
    nothing but a currency, the line above if it has no amount."""
    before = [r for r in sheet.lines[run.line] if r.x0 < run.x0]
    while any(is_amount(r) for r in before):
        before = before[1:]
    label = " ".join([*(r.text for r in before), run.text[:start]]).strip(" :$")
    above = sheet.lines.get(run.line - 1, [])
    if label in ("", "RM", "MYR") and not any(holds_amount(r) for r in above):
        return " ".join(r.text for r in above)
    return label


def rank(label: str) -> float:
    """How likely the value after a label is what was to be paid, from 0 to 4."""
    if SUBTOTAL.search(label):
        return 0.5
    if OTHER.search(label):
        return 0.0
    if PAYMENT.search(label):
        return 0.2
    if STRONG.search(label):
        return 4.0
    if TOTAL.search(label):
        return 3.4 if INCLUSIVE.search(label) else 3.0
    if SUM.search(label):
        return 2.0
    return 0.1 if label else 0.3


def settled(sheet: Sheet) -> int:
    """The first line that tells of payment or taxes below a total; the page's last if none."""
    below = False
    for number, line in sorted(sheet.lines.items()):
        text = " ".join(run.text for run in line)
        if below and (PAYMENT.search(text) or SUMMARY.search(text)):
            return number
        below = below or (TOTAL.search(text) is not None and any(holds_amount(r) for r in line))
    return max(sheet.lines, default=0)


def mark_total(sheet: Sheet, value: float) -> bool:
    """Marks the likeliest place where the total stands: its label counts most, then its height,
    then how far down it is."""
    if not sheet.runs:
        return False
    usual = float(np.median([run.height for run in sheet.runs]))
    bottom = settled(sheet)
    best, most = None, -np.inf
    for run in sheet.runs:
        for start, stop in amounts(run, value):
            points = rank(label_of(sheet, run, start))
            points += min(max(run.height / usual - 1.2, 0.0), 1.0) + run.line / 1000
            points += 0.5 * ("." in run.text[start:stop]) - 1.5 * (run.line > bottom)
            if points > most:
                best, most = (run, start, stop), points
    if best:
        sheet.mark(*best, "total_due")
    return best is not None


def value_after(sheet: Sheet, run: Run, stop: int) -> tuple[Run, int, int] | None:
    """The number after a label, in the label's box or the next one of the line."""
    line = sheet.lines[run.line]
    at = line.index(run)
    later = [(r, 0) for r in line[at + 1 :] if r.text.strip(" :.#")][:1]
    rest = run.text[stop:].strip(" :.#[")
    for place, start in [(run, stop)] if rest else later:
        skip = start + len(place.text[start:]) - len(place.text[start:].lstrip(" :.#["))
        match = NUMBER.match(place.text.upper(), skip)
        if match and sum(c.isdigit() for c in match[0]) >= 3 and not whole_date(match[0]):
            return place, *match.span()
    return None


def mark_number(sheet: Sheet) -> str | None:
    """Marks the invoice's number where a label names one, and gives its text."""
    for pattern in NUMBERED:
        for run in sheet.runs:
            label = pattern.search(run.text.upper())
            if label and (place := value_after(sheet, run, label.end())):
                sheet.mark(*place, "invoice_number")
                where, start, stop = place
                codes = sheet.glyphs["char"][where.first + start : where.first + stop]
                return "".join(map(chr, codes))
    return None


def load(folder: Path, name: str, found: dict | None = None) -> Page:
    """A scan with what is known about it. A date or total that is not labelled, or not
    printed as it is labelled, is left out of the truth. With `found`, the lines that a page reader
    found stand in place of those that are labelled."""
    image = cv2.imread(str(folder / "img" / f"{name}.jpg"), cv2.IMREAD_GRAYSCALE)
    key = json.loads((folder / "key" / f"{name}.json").read_text())
    if found is None:
        runs = read_runs(folder / "box" / f"{name}.csv", image.shape)
    else:
        runs = found_runs(found, image.shape)
    sheet = lay_out(image, runs)
    truth: dict = {"vendor_name": mark_vendor(sheet, key["company"].strip())}
    if number := mark_number(sheet):
        truth["invoice_number"] = number
    if (day := normalise_date(key["date"])) and mark_date(sheet, day):
        truth["invoice_date"] = day
    total = normalise_amount(key["total"])
    if total is not None and mark_total(sheet, total):
        truth["total_due"] = total
    return Page(image, sheet.glyphs, truth, "scan")
