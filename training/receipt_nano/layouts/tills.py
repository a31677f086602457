"""Till rolls, restaurant bills and Malaysian tax invoices."""

import random
from collections.abc import Callable

from .. import words
from ..lexicon import CUSTOMERS
from .content import Receipt, settle_prices
from .money import weighted
from .paper import PLAIN, Paper, Style, Text, text
from .parts import (
    SMALL,
    Habits,
    bare_facts,
    facts,
    footer,
    heading,
    make_habits,
    print_facts,
    say_quantity,
    title,
)
from .sums import gst_summary, print_sums, settle_tax

Printer = Callable[[Paper, Receipt, Habits, int, "ItemHabits"], None]


class ItemHabits:
    """How the lines of a roll look, drawn once for all of them."""

    def __init__(self, rng: random.Random, paper: Paper, receipt: Receipt):
        self.indent = rng.choice((0, 0, 1, 2, 3))
        self.times = rng.choice((" x ", " x ", " X ", " @ ", "x", " * ", "x @", " x @"))
        self.bullet = rng.choice(("", "", "+ ", "- ", "* ", "> ", " "))
        self.detail_style = rng.choice((PLAIN, SMALL))
        self.coded = rng.random() < 0.22
        self.code_first = rng.random() < 0.6
        self.tax_code = rng.choice(("", "", "SR", "*", "S", "A")) if receipt.country == "my" else ""
        self.always = rng.random() < 0.65  # prints "1 x" too
        self.joiner = rng.choice(("", "", "", " =", "="))
        self.name_style = Style(bold=rng.random() < 0.1)
        self.amount_last = rng.random() < 0.4  # on the last line of a name of several


def print_details(
    paper: Paper, receipt: Receipt, index: int, how: ItemHabits, indent: float
) -> None:
    for number, detail in enumerate(receipt.items[index].details, 1):
        marked = how.bullet + text(detail, "details", index, number)
        paper.left(marked, how.detail_style, indent)


def item_code(receipt: Receipt) -> str:
    rng = receipt.rng
    return words.digits(rng, rng.choice((4, 6, 8, 13))) if rng.random() < 0.6 else words.code(rng)


def name_and_amount(
    paper: Paper, name: Text, amount: Text, how: ItemHabits, indent: float, end: float
) -> None:
    """A name that may run over lines, the amount at the right of its first or its last one."""
    room = end - indent - paper.length(amount) - 1
    lines = paper.wrap(name, room, how.name_style)
    row = len(lines) - 1 if how.amount_last else 0
    for at, line in enumerate(lines):
        paper.put(line, indent, "l", how.name_style, room)
        if at == row:
            paper.put(amount, end, "r")
        paper.down()


def two_lines(paper: Paper, receipt: Receipt, habits: Habits, index: int, how: ItemHabits) -> None:
    """The name, below it "2 x 18,250.00    36,500.00"."""
    item, money, rng = receipt.items[index], receipt.money, receipt.rng
    name = text(item.description, "description", index)
    amount = money.line(item.total, "item_total", index)
    if item.quantity == 1 and not how.always:
        settle_prices(item, printed=False)
        name_and_amount(paper, name, amount, how, 0, paper.columns)
        print_details(paper, receipt, index, how, how.indent + 1)
        return
    if how.coded and how.code_first:
        paper.pair(item_code(receipt), how.tax_code)
    elif how.coded:
        name = item_code(receipt) + " " + name
    paper.left(name, how.name_style)
    early = rng.random() < 0.8
    if early:
        print_details(paper, receipt, index, how, how.indent + 1)
    each = money.line(item.unit_price, "unit_price", index)
    measure = item.measure or rng.choice(("", "", "", "", "PCS", "UNI", "pc"))
    gap = rng.choice((" ", ""))
    line = (
        say_quantity(receipt, habits, index)
        + (gap + measure if measure else "")
        + how.times
        + each
        + how.joiner
    )
    if how.tax_code and not how.coded and paper.length(line + amount) + 6 < paper.columns:
        paper.pair(line, amount + " " + how.tax_code, indent=how.indent)
    else:
        paper.pair(line, amount, indent=how.indent)
    if not early:
        print_details(paper, receipt, index, how, how.indent + 1)


def quantity_first(
    paper: Paper, receipt: Receipt, habits: Habits, index: int, how: ItemHabits
) -> None:
    """ "2  Nasi Uduk   64.000", the price below."""
    item, money = receipt.items[index], receipt.money
    amount = money.line(item.total, "item_total", index)
    quantity = say_quantity(receipt, habits, index)
    indent = max(paper.length(quantity), 2 + (habits.decimals > 0) * 2) + 1
    if item.quantity != 1 or how.always:
        paper.put(quantity, 0)
    name_and_amount(
        paper, text(item.description, "description", index), amount, how, indent, paper.columns
    )
    if item.quantity != 1 and how.always:
        paper.left(
            "@ " + money.line(item.unit_price, "unit_price", index), how.detail_style, indent
        )
    else:
        settle_prices(item, printed=False)
    print_details(paper, receipt, index, how, indent)


def price_below(
    paper: Paper, receipt: Receipt, habits: Habits, index: int, how: ItemHabits
) -> None:
    """The name and its amount, below it "214 kWh x 1,444.70" where it is not one piece."""
    item, money = receipt.items[index], receipt.money
    amount = money.line(item.total, "item_total", index)
    name_and_amount(
        paper, text(item.description, "description", index), amount, how, 0, paper.columns
    )
    if item.quantity != 1:
        each = money.line(item.unit_price, "unit_price", index)
        measure = item.measure or receipt.rng.choice(("", "strip", "pcs", "unit", "x"))
        times = " " if measure == "x" else how.times
        line = say_quantity(receipt, habits, index) + (" " + measure if measure else "")
        paper.left(line + times + each, how.detail_style, how.indent)
    else:
        settle_prices(item, printed=False)
    print_details(paper, receipt, index, how, how.indent)


def quantity_last(
    paper: Paper, receipt: Receipt, habits: Habits, index: int, how: ItemHabits
) -> None:
    """ "Nasi Uduk x2   64.000"."""
    item, money = receipt.items[index], receipt.money
    amount = money.line(item.total, "item_total", index)
    name = text(item.description, "description", index)
    quantity = say_quantity(receipt, habits, index)
    if item.quantity != 1 or how.always:
        name = name + receipt.rng.choice((" x", " x ", "  ", " (")) + quantity
        if name.chars[-len(quantity) - 1] == "(":
            name = name + ")"
    settle_prices(item, printed=False)
    name_and_amount(paper, name, amount, how, 0, paper.columns)
    print_details(paper, receipt, index, how, how.indent + 1)


def one_line(paper: Paper, receipt: Receipt, habits: Habits, index: int, how: ItemHabits) -> None:
    """ "Gula Pasir   2  12,500  25,000" in columns."""
    item, money = receipt.items[index], receipt.money
    amount = money.line(item.total, "item_total", index)
    each = money.line(item.unit_price, "unit_price", index)
    width = column_width(paper, receipt)
    ends = paper.columns - width, paper.columns
    middle = ends[0] - width
    quantity = say_quantity(receipt, habits, index)
    room = middle - paper.length(quantity) - 1
    name = text(item.description, "description", index)
    lines = paper.wrap(name, max(room, paper.columns * 0.4), how.name_style)
    below = room < paper.columns * 0.25 or (len(lines) > 1 and how.amount_last)
    if below:
        paper.left(name, how.name_style)
        lines = []
    elif lines:
        paper.put(lines[0], 0, "l", how.name_style, room)
    paper.put(quantity, middle, "r", room=middle)
    paper.put(each, ends[0], "r", room=width - 0.5)
    paper.put(amount, ends[1], "r", room=width - 0.5)
    paper.down()
    for line in lines[1:]:
        paper.put(line, 0, "l", how.name_style, room)
        paper.down()
    print_details(paper, receipt, index, how, how.indent + 1)


def numbers_above(
    paper: Paper, receipt: Receipt, habits: Habits, index: int, how: ItemHabits
) -> None:
    """A code and the figures in columns, below it "- Laminating Film"."""
    item, money = receipt.items[index], receipt.money
    width = column_width(paper, receipt)
    middle = paper.columns - 2 * width
    quantity = say_quantity(receipt, habits, index)
    room = middle - paper.length(quantity) - 1
    code = item_code(receipt) if how.coded or receipt.rng.random() < 0.7 else ""
    if 0 < paper.length(code) <= room:
        paper.put(code, 0)
    paper.put(quantity, middle, "r")
    paper.put(
        money.line(item.unit_price, "unit_price", index),
        paper.columns - width,
        "r",
        room=width - 0.5,
    )
    paper.put(money.line(item.total, "item_total", index), paper.columns, "r", room=width - 0.5)
    paper.down()
    paper.left(how.bullet + text(item.description, "description", index), how.name_style)
    print_details(paper, receipt, index, how, how.indent + 1)


def column_width(paper: Paper, receipt: Receipt) -> float:
    """Of the prices and of the amounts."""
    money = receipt.money
    values = [v for item in receipt.items for v in (item.total, item.unit_price or item.total)]
    return max(paper.length(money.line(value)) for value in values) + 1.2


def column_heads(paper: Paper, receipt: Receipt, habits: Habits, printer: Printer) -> None:
    rng = receipt.rng
    style = Style(bold=rng.random() < 0.5)
    amount = receipt.label("amount")
    if printer in (one_line, numbers_above):
        width = column_width(paper, receipt)
        middle = paper.columns - 2 * width
        words_ = receipt.label("quantity"), receipt.label("price"), amount
        if any(paper.length(w, style) > width for w in words_) or middle < 14:
            return
        paper.put(receipt.label("item"), 0, "l", style, middle - paper.length(words_[0], style) - 1)
        paper.put(words_[0], middle, "r", style)
        paper.put(words_[1], paper.columns - width, "r", style)
        paper.put(amount, paper.columns, "r", style)
        paper.down()
    elif printer is quantity_first:
        paper.pair(receipt.label("quantity") + " " + receipt.label("item"), amount, style)
    else:
        paper.pair(receipt.label("item"), amount, style)
    if rng.random() < 0.8:
        paper.rule(habits.rule)


ROLL = (two_lines, 46, one_line, 22, quantity_first, 13, quantity_last, 10, price_below, 9)
BILL = (quantity_first, 52, quantity_last, 13, two_lines, 15, one_line, 12, price_below, 8)
TAX_INVOICE = (two_lines, 46, one_line, 34, quantity_first, 9, numbers_above, 11)


def choose_printer(rng: random.Random, paper: Paper, receipt: Receipt, table: tuple) -> Printer:
    printer = weighted(rng, table)
    width = column_width(paper, receipt)
    if printer in (one_line, numbers_above) and paper.columns < 2 * width + 5:
        return two_lines
    return printer


def print_items(paper: Paper, receipt: Receipt, habits: Habits, table: tuple) -> None:
    rng = receipt.rng
    printer = choose_printer(rng, paper, receipt, table)
    how = ItemHabits(rng, paper, receipt)
    if rng.random() < (0.65 if printer in (one_line, numbers_above) else 0.25):
        column_heads(paper, receipt, habits, printer)
    airy = rng.random() < 0.12
    for index, item in enumerate(receipt.items):
        if not item.service:
            printer(paper, receipt, habits, index, how)
            paper.y += 0.5 if airy else 0


def opening(paper: Paper, receipt: Receipt, habits: Habits) -> None:
    """Title and facts between rules."""
    rng = receipt.rng
    if rng.random() < (0.85 if receipt.country == "my" else 0.25):
        title(paper, receipt)
    if rng.random() < 0.7:
        paper.rule(habits.rule)
    if rng.random() < 0.16:
        bare_facts(paper, receipt, habits)
    else:
        print_facts(paper, facts(receipt, habits), habits)
    if rng.random() < 0.85:
        paper.rule(habits.rule)


def till(paper: Paper, receipt: Receipt) -> None:
    """A shop's till roll. The facts stand above the goods or at the end."""
    rng = receipt.rng
    habits = make_habits(rng, receipt, paper)
    heading(paper, receipt, "c" if rng.random() < 0.82 else "l")
    late = rng.random() < 0.14
    if late:
        paper.rule(habits.rule)
    else:
        opening(paper, receipt, habits)
    print_items(paper, receipt, habits, ROLL)
    if rng.random() < 0.9:
        paper.rule(habits.rule)
    print_sums(paper, receipt, habits)
    if receipt.tax_mode == "inside" and receipt.country == "my":
        paper.rule(habits.rule)
        gst_summary(paper, receipt, habits)
    settle_tax(receipt)
    if late or rng.random() < 0.7:
        paper.rule(habits.rule)
    if late:
        bare_facts(paper, receipt, habits)
    footer(paper, receipt, habits)


def restaurant(paper: Paper, receipt: Receipt) -> None:
    """A bill at the table."""
    rng = receipt.rng
    habits = make_habits(rng, receipt, paper)
    heading(paper, receipt)
    opening(paper, receipt, habits)
    print_items(paper, receipt, habits, BILL)
    paper.rule(habits.rule)
    print_sums(paper, receipt, habits, paid=rng.random() < 0.6)
    if receipt.tax_mode == "inside" and receipt.country == "my":
        gst_summary(paper, receipt, habits)
    settle_tax(receipt)
    if rng.random() < 0.5:
        paper.down(0.5)
    footer(paper, receipt, habits)


def malaysia(paper: Paper, receipt: Receipt) -> None:
    """A tax invoice with a company number, a customer and a table of the tax."""
    rng = receipt.rng
    habits = make_habits(rng, receipt, paper)
    heading(paper, receipt)
    if rng.random() < 0.3:
        paper.down(0.5)
    if rng.random() < 0.9:
        title(paper, receipt)
    found = facts(receipt, habits)
    print_facts(paper, found, habits)
    if rng.random() < 0.2:
        paper.left(receipt.label("bill_to") + habits.colon + rng.choice(CUSTOMERS))
        for line in words.address(rng, receipt.split, "my")[: rng.randint(0, 2)]:
            paper.left(line)
    paper.rule(habits.rule)
    print_items(paper, receipt, habits, TAX_INVOICE)
    paper.rule(habits.rule)
    print_sums(paper, receipt, habits)
    if receipt.tax and (receipt.tax_mode == "inside" or rng.random() < 0.6):
        if rng.random() < 0.6:
            paper.rule(habits.rule)
        gst_summary(paper, receipt, habits)
    settle_tax(receipt)
    if rng.random() < 0.4:
        paper.down(0.6)
    footer(paper, receipt, habits)
