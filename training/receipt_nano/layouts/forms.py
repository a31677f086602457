"""Invoices with a table, bills in a box."""

from dataclasses import replace

from .. import words
from ..lexicon import CUSTOMERS, FOOTERS
from .content import Receipt
from .paper import PLAIN, Paper, Shape, Style, text
from .parts import (
    SMALL,
    Habits,
    facts,
    footer,
    heading,
    make_habits,
    print_facts,
    say_quantity,
    title,
)
from .sums import print_sums, settle_tax
from .tills import (
    ItemHabits,
    price_below,
    print_items,
    quantity_first,
    quantity_last,
    two_lines,
)


def invoice(paper: Paper, receipt: Receipt) -> None:
    """An invoice: who to, which, a table, the sums at the right, where to pay."""
    rng = receipt.rng
    habits = replace(make_habits(rng, receipt, paper), sums="pair")
    if rng.random() < 0.5:
        top = paper.y
        name = rng.choice(("INVOICE", "FAKTUR", "Invoice", "TAX INVOICE", "NOTA"))
        paper.put(name, paper.columns, "r", Style(1.6, bold=True), paper.columns * 0.4)
        kept, paper.columns = paper.columns, paper.columns * 0.62
        heading(paper, receipt, "l")
        paper.columns = kept
        paper.y = max(paper.y, top + paper.pitch * 1.6)
    else:
        heading(paper, receipt, rng.choice("cl"))
        title(paper, receipt, rng.choice("cl"))
    if rng.random() < 0.6:
        paper.rule("line")
    parties(paper, receipt, habits)
    paper.down(0.5)
    table(paper, receipt, habits)
    paper.down(0.4)
    right_sums(paper, receipt, habits)
    settle_tax(receipt)
    paper.down(0.5)
    footer(paper, receipt, habits, "l", 3)


def parties(paper: Paper, receipt: Receipt, habits: Habits) -> None:
    """The customer at the left, number and dates at the right; or one below the other."""
    rng = receipt.rng
    known = [fact for fact in facts(receipt, habits, rng.choice((0, 0, 1)))]
    if receipt.due:
        due = habits.dates.write(receipt.due, "due_date")
        known.insert(
            rng.randint(0, len(known)) if rng.random() < 0.3 else len(known),
            (receipt.label("due"), due),
        )
    customer = [
        receipt.label("bill_to"),
        rng.choice(CUSTOMERS),
        *words.address(rng, receipt.split, receipt.country)[:2],
    ]
    customer = customer if rng.random() < 0.8 else []
    if rng.random() < 0.3 or paper.columns < 44:
        print_facts(paper, known, habits)
        for line in customer:
            paper.left(line)
        return
    top, half = paper.y, paper.columns * 0.5
    whole, paper.columns = paper.columns, half - 2
    for line in customer:
        paper.left(line, Style(bold=line is customer[0]))
    bottom, paper.y, paper.columns = paper.y, top, whole
    for label, value in known:
        paper.pair(label, value, indent=half)
    paper.y = max(bottom, paper.y)


def table(paper: Paper, receipt: Receipt, habits: Habits) -> None:
    """Columns of number, name, quantity, price and amount; ruled, with a grey head or neither."""
    rng, money = receipt.rng, receipt.money
    style = rng.choice((PLAIN, Style(0.92)))
    heads = [receipt.label(name) for name in ("item", "quantity", "price", "amount")]
    rows = []
    for index, item in enumerate(receipt.items):
        each = money.line(item.unit_price, "unit_price", index)
        amount = money.line(item.total, "item_total", index)
        quantity = say_quantity(receipt, habits, index)
        if item.measure:
            quantity = quantity + " " + item.measure
        rows.append((quantity, each, amount))
    bold = replace(style, bold=True)
    widths = [
        max([paper.length(heads[c + 1], bold)] + [paper.length(row[c], style) for row in rows])
        + 1.6
        for c in range(3)
    ]
    numbered = rng.random() < 0.6
    edges = [paper.columns - sum(widths[c:]) for c in range(3)] + [paper.columns]
    start = 3.4 if numbered else 0.6
    if rng.random() < 0.12:  # the quantity before the name
        edges = [edges[0] + widths[0], *edges[1:]]
        quantity_at, start = start + widths[0] - 1, start + widths[0]
    else:
        quantity_at = edges[1] - 0.7
    room = edges[0] - start - 0.4
    ruled = rng.choice(("all", "rows", "head", "none", "all"))
    top = paper.y
    if ruled != "none" or rng.random() < 0.5:
        paper.y += 0.3
    row_top = paper.y
    if numbered:
        paper.put(rng.choice(("No", "No.", "#")), 0.6, "l", bold, start - 1)
    paper.put(heads[0], start, "l", bold, room)
    paper.put(heads[1], quantity_at, "r", bold, quantity_at)
    for c in (1, 2):
        paper.put(heads[c + 1], edges[c + 1] - 0.7, "r", bold)
    paper.down(style=style)
    paper.y += 0.3
    if ruled == "none":
        paper.rule(rng.choice(("-", "=", "line")))
    elif rng.random() < 0.5:
        paper.shapes.append(Shape("grey", 0, top, paper.columns, paper.y))
    lines = [top, paper.y]
    how = ItemHabits(rng, paper, receipt)
    for index, item in enumerate(receipt.items):
        paper.y += 0.25
        row_top = paper.y
        if numbered:
            paper.put(str(index + 1), 0.6, "l", style)
        values = rows[index]
        paper.put(values[0], quantity_at, "r", style)
        for c in (1, 2):
            paper.put(values[c], edges[c + 1] - 0.7, "r", style)
        for line in paper.wrap(text(item.description, "description", index), room, style):
            paper.put(line, start, "l", style, room)
            paper.down(style=style)
        small = replace(style, scale=style.scale * rng.choice((1, 0.88)))
        for number, detail in enumerate(item.details, 1):
            for line in paper.wrap(
                how.bullet + text(detail, "details", index, number), room, small
            ):
                paper.put(line, start, "l", small, room)
                paper.down(style=small)
        paper.y = max(paper.y, row_top + paper.pitch * style.scale) + 0.25
        lines.append(paper.y)
    grid(paper, ruled, lines, [0, *([start - 0.6] if numbered else []), *edges])


def grid(paper: Paper, ruled: str, rows: list[float], columns: list[float]) -> None:
    width = paper.rng.choice((0.06, 0.1, 0.15))
    if ruled == "head":
        rows = [*rows[:2], rows[-1]]
    if ruled != "none":
        for y in rows:
            paper.shapes.append(Shape("line", 0, y, paper.columns, y, width))
    if ruled == "all":
        for x in columns:
            paper.shapes.append(Shape("line", x, rows[0], x, rows[-1], width))


def right_sums(paper: Paper, receipt: Receipt, habits: Habits) -> None:
    """The sums in the right half of the sheet."""
    shift = paper.columns * receipt.rng.choice((0, 0.4, 0.45, 0.5))
    if paper.columns - shift < 26:
        shift = 0
    runs, shapes = len(paper.runs), len(paper.shapes)
    paper.columns -= shift
    print_sums(paper, receipt, habits, paid=receipt.rng.random() < 0.2)
    paper.columns += shift
    for run in paper.runs[runs:]:
        run.x += shift
    for shape in paper.shapes[shapes:]:
        shape.x0 += shift
        shape.x1 += shift


def bill(paper: Paper, receipt: Receipt) -> None:
    """A printed form, mostly in a box: electricity, water, pharmacy, subscriptions."""
    rng = receipt.rng
    habits = make_habits(rng, receipt, paper)
    heading(paper, receipt, "l")
    paper.rule("line")
    title(paper, receipt)
    known = facts(receipt, habits)
    if receipt.due:
        known.append((receipt.label("due"), habits.dates.write(receipt.due, "due_date")))
    for _ in range(rng.randint(0, 2)):
        label = rng.choice(
            (
                "ID Pelanggan",
                "Nama",
                "Account No",
                "Periode",
                "Customer ID",
                "No. Meter",
                "Pasien",
                "Dokter",
                "Alamat",
                "Tarif/Daya",
            )
        )
        known.append(
            (
                label,
                text(
                    words.person(rng, receipt.split)
                    if rng.random() < 0.5
                    else words.digits(rng, 10)
                ),
            )
        )
    print_facts(paper, known, habits)
    paper.rule("line")
    print_items(
        paper,
        receipt,
        habits,
        (price_below, 50, two_lines, 22, quantity_last, 14, quantity_first, 14),
    )
    paper.rule("line")
    print_sums(paper, receipt, habits, paid=rng.random() < 0.3)
    settle_tax(receipt)
    for line in rng.sample(FOOTERS[receipt.country], rng.randint(0, 2)):
        paper.left(line, SMALL)
    if rng.random() < 0.5:
        paper.shapes.append(Shape("box", -0.8, -0.8, paper.columns + 0.8, paper.y + 0.6, 0.15))
