"""From the subtotal to the change, and the table of the tax."""

from dataclasses import replace

from .content import Receipt
from .money import tendered, tidy
from .paper import PLAIN, Paper, Shape, Style, Text, text
from .parts import Habits


def sums(receipt: Receipt, order: str = "") -> list[tuple[Text, float, str, int]]:
    """Lines between the items and the total: label, amount, role, item."""
    rng, out = receipt.rng, []
    service = receipt.items[-1] if receipt.items[-1].service else None
    last = len(receipt.items) - 1
    complex_sum = receipt.tax or receipt.discount or service or receipt.rounding
    wanted = rng.random() < (0.86 if complex_sum else 0.3)
    name = "subtotal_net" if receipt.tax_mode == "added" and rng.random() < 0.4 else "subtotal"
    if service and wanted:
        out.append(
            (text(receipt.label("subtotal")), tidy(receipt.subtotal - service.total), "none", -1)
        )
    elif wanted:
        out.append((text(receipt.label(name)), receipt.subtotal, "subtotal", -1))
    if service:
        out.append(
            (text(service.description, "description", last), service.total, "item_total", last)
        )
        if wanted and rng.random() < 0.4:
            label = rng.choice(("Subtotal", "Total", "Net Total", "Sub Total 2"))
            out.append((text(label), receipt.subtotal, "subtotal", -1))
    rest = []
    if receipt.discount:
        rest.append((text(receipt.label("discount")), -receipt.discount, "discount", -1))
    elif rng.random() < 0.12:
        rest.append((text(receipt.label("discount")), 0, "discount", -1))
    if receipt.tax_mode == "added":
        rest.append((tax_label(receipt, "tax"), receipt.tax, "tax_amount", -1))
    elif receipt.tax_mode == "none" and rng.random() < (0.2 if receipt.country == "my" else 0.04):
        rest.append((tax_label(receipt, "tax"), 0, "tax_amount", -1))
    if rng.random() < 0.15:
        rest.reverse()
    out += rest
    if not service and receipt.country == "my" and rng.random() < 0.05:
        out.append((text(receipt.label("service")), 0, "none", -1))
    if receipt.tax_mode == "inside" and rng.random() < 0.3:
        net = tidy(receipt.subtotal - receipt.discount - receipt.tax)
        out.append((text(receipt.label("subtotal_net")), net, "none", -1))
    if receipt.rounding:
        if rng.random() < 0.6 and receipt.country == "my":
            before = tidy(receipt.total - receipt.rounding)
            out.append((text(receipt.label("before_rounding")), before, "none", -1))
        out.append((text(receipt.label("rounding")), receipt.rounding, "rounding", -1))
    elif receipt.country == "my" and rng.random() < 0.3:
        out.append((text(receipt.label("rounding")), 0, "rounding", -1))
    return out


def tax_label(receipt: Receipt, name: str) -> Text:
    """Such as "PPN 11%", its figure marked."""
    rng = receipt.rng
    label = receipt.label(name)
    if not receipt.rate_printed:
        return text(label)
    places = rng.choices((0, 1, 2), (80, 6, 14))[0]
    figure = (
        f"{receipt.rate:g}"
        if round(receipt.rate, places) != receipt.rate
        else f"{receipt.rate:.{places}f}"
    )
    if receipt.money.decimal == ",":
        figure = figure.replace(".", ",")
    rate = text(figure, "tax_rate_percent")
    return rng.choice(
        (
            label + " " + rate + "%",
            label + " " + rate + "%",
            label + " (" + rate + "%)",
            label + " " + rate + " %",
            label + " @ " + rate + "%",
            rate + "% " + label,
            label + "(" + rate + "%)",
        )
    )


def total_label(receipt: Receipt, taken: list[str]) -> str:
    """A label for what is due that no other line has."""
    for _ in range(30):
        label = receipt.label(
            "total_rounded" if receipt.rounding and receipt.country == "my" else "total"
        )
        if label.lower() in taken or ("GST" in label.upper() and not receipt.tax):
            continue
        return label
    return "TOTAL"


def print_sum(
    paper: Paper,
    label: Text | str,
    amount: Text,
    habits: Habits,
    style: Style = PLAIN,
    sign: str = "",
) -> None:
    """One line of the sums."""
    label = text(label)
    if habits.sums == "sign":
        width = paper.length(amount, style)
        at = min(paper.columns * 0.62, paper.columns - width - paper.length(sign, style) - 1)
        mark = "" if label.chars.endswith(":") else " :"
        if paper.length(label + mark, style) + 1 < at:
            paper.put(label + mark, 0, "l", style)
            paper.put(text(sign, "currency"), at, "l", style)
            paper.put(amount, paper.columns, "r", style)
            paper.down(style=style)
            return
        amount = text(sign, "currency") + " " + amount
    if (
        habits.sums == "colon"
        and not label.chars.endswith(":")
        and paper.length(label, style) + 2 < paper.columns * 0.6
    ):
        if paper.columns * 0.6 + 1 + paper.length(amount, style) < paper.columns:
            paper.put(":", paper.columns * 0.6, "l", style)
    if habits.sums == "inner":
        edge = paper.columns * 0.68
        if (
            paper.length(label, style) < edge
            and paper.length(amount, style) + 1 < paper.columns - edge
        ):
            paper.put(
                label + ("" if label.chars.endswith(":") else habits.colon.rstrip()),
                edge,
                "r",
                style,
            )
            paper.put(amount, paper.columns, "r", style)
            paper.down(style=style)
            return
    paper.pair(label, amount, style)


def print_sums(paper: Paper, receipt: Receipt, habits: Habits, paid: bool = True) -> None:
    """From the subtotal to the change."""
    rng, money = receipt.rng, receipt.money
    bare = habits.sums == "sign"
    sign = money.prefix.strip()
    lines = sums(receipt)
    taken = [label.chars.lower() for label, _, _, _ in lines]
    if rng.random() < 0.22:
        count = sum(item.quantity for item in receipt.items if not item.service)
        figure = rng.choice((f"{count:g}", f"{count:.2f}", str(len(receipt.items))))
        paper.pair(receipt.label("count") + habits.colon.rstrip(), figure)
    for label, value, role, item in lines:
        shown = (
            money.amount(value, role, item, False)
            if bare
            else money.sum(value, role)
            if item < 0
            else money.amount(value, role, item, money.where != "last")
        )
        if role == "discount" and rng.random() < 0.3:
            shown = money.amount(-value, role, -1, not bare and money.where != "last")
        print_sum(paper, label, shown, habits, PLAIN, sign)
    if rng.random() < 0.3:
        paper.rule(habits.rule)
    print_total(paper, receipt, habits, total_label(receipt, taken), sign if bare else "")
    if receipt.tax_mode == "inside" and rng.random() < 0.55:
        shown = money.amount(receipt.tax, "tax_amount", -1, not bare)
        print_sum(paper, tax_label(receipt, "tax_inside"), shown, habits, PLAIN, sign)
        receipt.tax_mode = "shown"
    if paid and rng.random() < 0.75:
        print_payment(paper, receipt, habits, sign if bare else "")


def print_total(paper: Paper, receipt: Receipt, habits: Habits, label: str, sign: str) -> None:
    rng, money = receipt.rng, receipt.money
    amount = money.amount(receipt.total, "total_due", -1, not sign)
    top, draw = paper.y, rng.random()
    if draw < 0.05:
        paper.center(label, PLAIN)
        paper.center(amount, replace(habits.big, scale=max(habits.big.scale, 1.3)))
        return
    if draw < 0.11:
        paper.y += 0.3
    print_sum(paper, label + rng.choice(("", "", "", ":", " :")), amount, habits, habits.big, sign)
    if draw < 0.11:
        paper.y += 0.2
        paper.shapes.append(Shape("box", -0.4, top, paper.columns + 0.4, paper.y, 0.12))
        paper.y += 0.4
    elif draw < 0.2:
        paper.rule(rng.choice(("=", "line", "double", "-")))


def print_payment(paper: Paper, receipt: Receipt, habits: Habits, sign: str) -> None:
    rng, money = receipt.rng, receipt.money
    style = habits.big if rng.random() < 0.15 else PLAIN
    if rng.random() < 0.68:
        paid = tendered(rng, receipt.total, money.currency)
        rows = [("cash", paid), ("change", tidy(paid - receipt.total))]
        if rng.random() < 0.15:
            rows = rows[:1]
    else:
        rows = [("card", receipt.total)]
        if rng.random() < 0.4:
            rows.append(("change", 0))
    for name, value in rows:
        amount = money.amount(value, sign=not sign and money.where != "last")
        print_sum(paper, receipt.label(name), amount, habits, style, sign)


def gst_summary(paper: Paper, receipt: Receipt, habits: Habits) -> None:
    """The table of tax codes under a Malaysian tax invoice. Its figures count only where the tax
    is printed nowhere else."""
    rng, money = receipt.rng, receipt.money
    first = receipt.tax_mode == "inside"
    base = tidy(
        receipt.subtotal - receipt.discount - (receipt.tax if receipt.tax_mode != "added" else 0)
    )
    heads = rng.choice(
        (
            ("GST Summary", "Amount(RM)", "Tax(RM)"),
            ("GST Summary", "Amount", "Tax"),
            ("Tax Code", "Amt (RM)", "GST (RM)"),
            ("GST ANALYSIS", "AMOUNT", "TAX"),
            ("Code", "Net Amt", "GST"),
        )
    )
    middle = paper.columns * 0.68

    def row(cells: tuple[Text | str, ...], style: Style = PLAIN) -> None:
        one, two, three = map(text, cells)
        paper.put(one, 0, "l", style, middle - paper.length(two, style) - 0.5)
        paper.put(two, middle, "r", style)
        paper.put(three, paper.columns, "r", style, paper.columns - middle - 0.5)
        paper.down(style=style)

    row(heads, Style(bold=rng.random() < 0.5))
    if rng.random() < 0.5:
        paper.rule(habits.rule)
    marked = first and receipt.rate_printed
    figure = text(
        rng.choice((f"{receipt.rate:g}", f"{receipt.rate:.2f}")),
        "tax_rate_percent" if marked else "none",
    )
    code = rng.choice(("SR", "S", "SR", "GST", "T", "SRP"))
    rate = rng.choice(
        (" @ " + figure + "%", " (" + figure + "%)", " " + figure + "%", "= " + figure + "%")
    )
    if not marked and not receipt.rate_printed:
        rate = text("")
    tax = money.amount(receipt.tax, "tax_amount" if first else "none", -1, False)
    row((code + rate, money.amount(base, sign=False), tax))
    if rng.random() < 0.4:
        row(
            (
                rng.choice(("ZR", "ZRL", "Z @ 0%", "ZR/OS/EZ", "ZRL 0%")),
                money.figure(0),
                money.figure(0),
            )
        )
    if rng.random() < 0.2:
        row((rng.choice(("Total :", "TOTAL")), money.figure(base), money.figure(receipt.tax)))
    receipt.tax_mode = "shown"


def settle_tax(receipt: Receipt) -> None:
    """Drops a tax that is part of the prices and was printed nowhere."""
    if receipt.tax_mode == "inside":
        receipt.tax_mode, receipt.rate, receipt.tax = "none", 0, 0
