"""Pieces that several layouts share: heading, facts, foot."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from .. import words
from ..lexicon import FOOTERS, SLOGANS, TITLES
from .content import Receipt
from .dates import DateStyle, clock, make_date_style
from .money import weighted
from .paper import PLAIN, Paper, Shape, Style, Text, text

SMALL = Style(scale=0.86)


@dataclass(frozen=True)
class Habits:
    """What stays the same all over a receipt."""

    dates: DateStyle
    rule: str
    colon: str  # between a label and its value
    big: Style  # of the total
    sums: str  # pair, colon, inner or sign: how labels and amounts of the sums stand
    decimals: int  # of a quantity


def make_habits(rng: random.Random, receipt: Receipt, paper: Paper) -> Habits:
    rules = (
        "-",
        38,
        "=",
        14,
        "line",
        18,
        "dashed",
        10,
        "double",
        4,
        "_",
        3,
        "*",
        3,
        ".",
        3,
        "- ",
        4,
        "~",
        1,
    )
    wide = rng.random() < 0.5 and paper.columns > 26
    big = weighted(
        rng,
        (
            PLAIN,
            22,
            Style(bold=True),
            34,
            Style(scale=1.25, bold=True),
            18,
            Style(scale=1.5, bold=True),
            5,
            Style(wide=1.6 if wide else 1),
            5,
            Style(scale=1.3, second=True),
            6,
            Style(scale=1.6, wide=0.7, bold=True),
            5,
        ),
    )
    sums = weighted(rng, ("pair", 60, "colon", 14, "inner", 14, "sign", 12))
    if sums == "sign" and not receipt.money.prefix:
        sums = "pair"
    return Habits(
        dates=make_date_style(rng, receipt.country),
        rule=weighted(rng, rules),
        colon=rng.choice((": ", " : ", ":", " ", ". ", " ")),
        big=big,
        sums=sums,
        decimals=rng.choices((0, 1, 2, 3), (70, 8, 18, 4))[0],
    )


def say_quantity(receipt: Receipt, habits: Habits, index: int) -> Text:
    value = receipt.items[index].quantity
    places = next(p for p in range(4) if round(value, p) == round(value, 3))
    places = max(places, habits.decimals)
    plain = f"{value:.{places}f}"
    if receipt.money.decimal == ",":
        plain = plain.replace(".", ",")
    return text(plain, "quantity", index)


# ------------------------------------------------------------------ heading


def heading(paper: Paper, receipt: Receipt, align: str = "c", extras: bool = True) -> None:
    """The company, its numbers and its address; align is c or l."""
    rng = receipt.rng
    write = paper.center if align == "c" else paper.left
    if rng.random() < 0.13:
        logo(paper, align)
    if rng.random() < 0.06:
        write(rng.choice(SLOGANS))
    named = print_vendor(paper, receipt, write) if receipt.vendor else False
    if not extras:
        return
    lines = []
    if receipt.country == "my" and not named:
        number = words.registration(rng)
        lines += rng.choice(
            (
                [],
                [f"({number})"],
                [f"Co. Reg. No : {number}"],
                [f"Company No: {number}"],
                [f"ROC No. : ({number})"],
                [number],
            )
        )
    lines += words.address(rng, receipt.split, receipt.country)
    if rng.random() < 0.6:
        phone = words.phone(rng, receipt.country)
        lines.append(
            rng.choice(("Tel : ", "TEL: ", "Telp. ", "Telp ", "Ph: ", "Tel:", "", "HP ")) + phone
        )
        if rng.random() < 0.15:
            lines[-1] += " Fax: " + words.phone(rng, receipt.country)
    if (receipt.country == "my" and receipt.tax) or rng.random() < 0.05:
        lines.append(
            rng.choice(("GST ID : ", "GST Reg No: ", "GST No. : ", "GST ID No :", "GST NO: "))
            + "00"
            + words.digits(rng, 10)
        )
    elif receipt.country == "id" and rng.random() < 0.25:
        d = words.digits(rng, 15)
        lines.append(f"NPWP {d[:2]}.{d[2:5]}.{d[5:8]}.{d[8]}-{d[9:12]}.{d[12:]}")
    if rng.random() < 0.25:
        lines.append(rng.choice(SLOGANS))
    style = rng.choice((PLAIN, PLAIN, SMALL))
    for line in lines[: rng.choice((2, 3, 4, 6, 8))]:
        write(line, style)


def print_vendor(paper: Paper, receipt: Receipt, write: Callable) -> bool:
    """The name, perhaps below what it trades as; returns whether its number stands beside it."""
    rng, name = receipt.rng, receipt.vendor
    style = head_style(rng, paper, name)
    short = re.split(r" \(M\)| SDN| ENTERPRISE", name, flags=re.IGNORECASE)[0]
    if short != name and rng.random() < 0.07:
        write(short, replace(style, bold=True))
        style = PLAIN
    elif rng.random() < 0.03:
        write(words.person(rng, receipt.split))
    if receipt.country == "my" and rng.random() < 0.16:
        number = words.registration(rng)
        beside = text(name, "vendor_name") + rng.choice(
            (f" ({number})", f" {number}", f" (CO. NO. {number})")
        )
        write(beside, style)
        return True
    write(text(name, "vendor_name"), style)
    return False


def head_style(rng: random.Random, paper: Paper, name: str) -> Style:
    style = weighted(
        rng,
        (
            PLAIN,
            20,
            Style(bold=True),
            22,
            Style(scale=1.3, bold=True),
            20,
            Style(scale=1.5, second=True),
            10,
            Style(scale=1.25, second=True, bold=True),
            12,
            Style(scale=1.7, wide=0.65, bold=True),
            5,
            Style(wide=1.5),
            5,
            Style(scale=1.9, second=True),
            3,
            Style(scale=1.2, inverse=True, bold=True),
            3,
        ),
    )
    longest = max(paper.length(word, style) for word in name.split())
    return style if longest < paper.columns else replace(style, scale=1, wide=0.9)


def logo(paper: Paper, align: str) -> None:
    rng = paper.rng
    side = min(rng.uniform(3, 7), paper.columns * 0.4)
    x = 0 if align == "l" else paper.columns / 2 - side / 2
    kind = rng.choice(("blot", "blot", "box", "fill", "code"))
    paper.shapes.append(Shape(kind, x, paper.y, x + side, paper.y + side * 0.7, 0.25))
    paper.y += side * 0.7 + 0.6


def title(paper: Paper, receipt: Receipt, align: str = "c") -> None:
    rng = receipt.rng
    word = rng.choice(TITLES[receipt.country])
    style = rng.choice(
        (PLAIN, Style(bold=True), Style(scale=1.2, bold=True), Style(scale=1.15, second=True))
    )
    if rng.random() < 0.12:
        bar(paper, word, style)
    elif align == "c":
        paper.center(word, style)
    else:
        paper.left(word, style)


def bar(paper: Paper, word: str, style: Style) -> None:
    """White letters on a black bar, or letters in a box."""
    rng = paper.rng
    style = replace(style, inverse=rng.random() < 0.6)
    half = min(paper.columns / 2, paper.length(word, style) / 2 + rng.uniform(0.8, 5))
    middle = paper.columns / 2
    kind = "fill" if style.inverse else "box"
    paper.y += 0.25
    bottom = paper.y + paper.pitch * style.scale
    paper.shapes.append(Shape(kind, middle - half, paper.y, middle + half, bottom, 0.1))
    paper.put(word, middle, "c", style)
    paper.y = bottom + 0.35


# -------------------------------------------------------------------- facts


def printed_date(receipt: Receipt, habits: Habits, timed: bool = True) -> Text:
    """The date, sometimes with the time beside it."""
    rng = receipt.rng
    out = habits.dates.write(receipt.date, "invoice_date")
    if timed and rng.random() < 0.45:
        gap = rng.choice((" ", " ", "  ", " - ", ", "))
        out = out + gap + clock(rng) if rng.random() < 0.92 else clock(rng) + gap + out
    return out


def facts(receipt: Receipt, habits: Habits, extra: int | None = None) -> list[tuple[str, Text]]:
    """Labels and values in a random order; some are nobody's business."""
    rng = receipt.rng
    found: list[tuple[str, Text]] = []
    if receipt.number:
        found.append((receipt.label("number"), text(receipt.number, "invoice_number")))
    if receipt.date:
        found.append((receipt.label("date"), printed_date(receipt, habits)))
    if rng.random() < 0.5:
        found.append((receipt.label("cashier"), text(words.person(rng, receipt.split))))
    if rng.random() < 0.15:
        found.append((receipt.label("time"), text(clock(rng))))
    for _ in range(rng.choices((0, 1, 2, 3), (5, 3, 2, 1))[0] if extra is None else extra):
        found.append((receipt.label("misc"), text(stray(rng))))
    if rng.random() < 0.4:
        rng.shuffle(found)
    return found


def stray(rng: random.Random) -> str:
    """A value that no field asks for."""
    return rng.choice(
        (
            str(rng.randint(1, 40)),
            words.code(rng),
            words.digits(rng, rng.randint(2, 8)),
            "CASH",
            f"{rng.randint(1, 9)} / {rng.randint(1, 20)}",
            f"{words.digits(rng, 3)}-{words.digits(rng, 4)}",
            "**** **** **** " + words.digits(rng, 4),
            f"A{rng.randint(1, 30)}",
            "1",
            "COUNTER 1",
            f"T-{rng.randint(1, 30)} ({rng.randint(1, 9)} pax)",
            "Dine In",
            "C.O.D.",
        )
    )


def print_facts(paper: Paper, found: list[tuple[str, Text]], habits: Habits) -> None:
    """In pairs, as "label: value" lines, in columns or two to a line."""
    rng = paper.rng
    how = weighted(rng, ("pair", 30, "left", 30, "columns", 20, "two", 20))
    width = max((paper.length(label) for label, _ in found), default=0) + 1
    if how == "columns" and any(
        width + 2 + paper.length(value) > paper.columns for _, value in found
    ):
        how = "left"
    at = 0
    while at < len(found):
        label, value = found[at]
        at += 1
        if how == "pair":
            paper.pair(label + rng.choice(("", habits.colon.rstrip())), value)
        elif how == "columns":
            paper.put(label, 0)
            paper.put(":", width)
            paper.put(value, width + 2)
            paper.down()
        elif how == "two" and at < len(found):
            one = label + habits.colon + value
            two = found[at][0] + habits.colon + found[at][1]
            if paper.length(one) + paper.length(two) + 2 <= paper.columns:
                paper.put(one, 0)
                paper.put(two, paper.columns, "r")
                paper.down()
                at += 1
            else:
                paper.left(one)
        else:
            paper.left(label + habits.colon + value)


def bare_facts(paper: Paper, receipt: Receipt, habits: Habits) -> None:
    """Date and number without labels, as some tills print them."""
    rng = receipt.rng
    parts = []
    if receipt.date:
        parts.append(printed_date(receipt, habits))
    if receipt.number:
        short = rng.choice(("#", "No ", "", "TRX ", "Inv. "))
        if receipt.number.startswith("#"):
            short = ""
        parts.append(short + text(receipt.number, "invoice_number"))
    if rng.random() < 0.3:
        parts.append(text(words.person(rng, receipt.split).split()[0].upper()))
    rng.shuffle(parts)
    line = text("")
    for part in parts:
        if len(line) and paper.length(line + "  " + part) > paper.columns:
            paper.left(line)
            line = text("")
        line = line + ("  " if len(line) else "") + part
    if len(line):
        paper.left(line)


# --------------------------------------------------------------------- foot


def footer(paper: Paper, receipt: Receipt, habits: Habits, align: str = "c", most: int = 4) -> None:
    rng = receipt.rng
    write = paper.center if align == "c" else paper.left
    style = rng.choice((PLAIN, PLAIN, SMALL))
    for _ in range(rng.randint(0, most)):
        line = rng.choice(FOOTERS[receipt.country])
        if rng.random() < 0.12:
            sign, tail = rng.choice("#&*@%+=<>!?;"), words.digits(rng, 4)
            line = f"{words.invented(rng, receipt.split)} {words.code(rng)} {sign} {tail}"
        elif rng.random() < 0.06:
            line = words.jumble(rng)
        write(line, style)
    if rng.random() < 0.16:
        codes(paper)


def codes(paper: Paper) -> None:
    """A bar code or a square one."""
    rng = paper.rng
    paper.y += 0.5
    if rng.random() < 0.6:
        half = paper.columns * rng.uniform(0.25, 0.45)
        tall = rng.uniform(2, 4.5)
        kind = "bars"
    else:
        half, tall, kind = min(rng.uniform(3, 6), paper.columns / 2), 0.0, "code"
        tall = 2 * half
    middle = paper.columns / 2
    paper.shapes.append(Shape(kind, middle - half, paper.y, middle + half, paper.y + tall))
    paper.y += tall + 0.4
    if rng.random() < 0.5:
        paper.center(words.digits(rng, rng.randint(8, 13)))
