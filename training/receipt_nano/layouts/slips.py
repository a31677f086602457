"""Slips of fuel, toll, parking and cards."""

import random

from .. import words
from .content import Receipt, settle_prices
from .dates import clock
from .paper import PLAIN, Paper, Style, Text, text
from .parts import Habits, facts, footer, heading, make_habits, print_facts, say_quantity, stray
from .sums import print_sums, print_total, settle_tax, total_label
from .tills import ItemHabits, print_details, print_items, quantity_last, two_lines


def slip(paper: Paper, receipt: Receipt) -> None:
    """Fuel, toll, parking: labels and values, one thing bought."""
    rng, money, item = receipt.rng, receipt.money, receipt.items[0]
    habits = make_habits(rng, receipt, paper)
    heading(paper, receipt)
    paper.rule(habits.rule)
    rows = facts(receipt, habits)
    if receipt.split == "train":
        rows += beside(receipt)
    if receipt.shop == "fuel" and rng.random() < 0.25:
        print_facts(paper, rows, habits)
        pump(paper, receipt, habits)
        return slip_end(paper, receipt, habits)
    named = text(item.description, "description", 0)
    quantity = say_quantity(receipt, habits, 0)
    each = money.amount(item.unit_price, "unit_price", 0)
    if receipt.shop == "fuel" and rng.random() < 0.6:
        measure = item.measure
        goods = [
            (rng.choice(("Produk", "Product", "BBM", "Grade", "Jenis BBM")), named),
            (rng.choice(("Harga/Liter", "Price/L", "Unit Price", "Harga")), each),
            (
                rng.choice(("Volume", "Liter", "Qty", "Vol")),
                quantity + rng.choice((" " + measure, "", measure)),
            ),
        ]
        if rng.random() < 0.5:
            goods.insert(
                0,
                (rng.choice(("Pompa", "Pump", "Pump No", "Nozzle")), text(str(rng.randint(1, 12)))),
            )
        print_facts(paper, rows + goods, habits)
        print_details(paper, receipt, 0, ItemHabits(rng, paper, receipt), 1)
    else:
        print_facts(paper, rows, habits)
        if receipt.shop == "transport" and rng.random() < 0.6:
            print_facts(paper, journey(receipt), habits)
        paper.rule(habits.rule)
        if item.quantity == 1 and rng.random() < 0.4:
            paper.center(named)
            print_details(paper, receipt, 0, ItemHabits(rng, paper, receipt), 1)
            settle_prices(item, printed=False)
            return slip_end(paper, receipt, habits)
        printer = two_lines if receipt.shop == "fuel" or rng.random() < 0.6 else quantity_last
        printer(paper, receipt, habits, 0, ItemHabits(rng, paper, receipt))
    slip_end(paper, receipt, habits)


def pump(paper: Paper, receipt: Receipt, habits: Habits) -> None:
    """Litres and pump, the fuel and what it cost, the price of a litre."""
    rng, money, item = receipt.rng, receipt.money, receipt.items[0]
    paper.down(0.5)
    number = f" {rng.choice(('Pump #', 'Pump', 'Pompa'))} {rng.randint(1, 12):02}"
    paper.put(say_quantity(receipt, habits, 0) + rng.choice((" litre", " L", " Liter")) + number, 2)
    paper.down()
    name = text(item.description, "description", 0)
    paper.pair(name, money.amount(item.total, "item_total", 0) + rng.choice(("", " A", " S")))
    each = money.amount(item.unit_price, "unit_price", 0)
    paper.left(each + rng.choice((" / litre", "/L", " / liter")), indent=2)
    print_details(paper, receipt, 0, ItemHabits(rng, paper, receipt), 1)


def slip_end(paper: Paper, receipt: Receipt, habits: Habits) -> None:
    rng, money = receipt.rng, receipt.money
    paper.rule(habits.rule)
    if receipt.tax or receipt.discount or receipt.rounding or rng.random() < 0.4:
        print_sums(paper, receipt, habits)
    elif rng.random() < 0.5:
        style = rng.choice(
            (PLAIN, Style(1.5, bold=True), Style(1.3), Style(1.7, wide=0.7, bold=True))
        )
        if rng.random() < 0.7:
            paper.center(total_label(receipt, []))
        paper.center(money.amount(receipt.total, "total_due"), style)
    else:
        print_total(
            paper,
            receipt,
            habits,
            total_label(receipt, []),
            money.prefix.strip() if habits.sums == "sign" else "",
        )
    settle_tax(receipt)
    if rng.random() < 0.5:
        paper.rule(habits.rule)
    footer(paper, receipt, habits)


def journey(receipt: Receipt) -> list[tuple[str, str]]:
    """Gates, times and balances that no field asks for."""
    rng, money = receipt.rng, receipt.money
    rows = [
        (
            rng.choice(("Gerbang", "Gate", "Plaza", "Pintu")),
            text(words.invented(rng, receipt.split)),
        ),
        (rng.choice(("Gardu", "Lane", "Lajur")), text(f"{rng.randint(1, 30):02}")),
        (rng.choice(("Golongan", "Class", "Kelas")), text(rng.choice(("I", "II", "1", "2")))),
        (rng.choice(("Masuk", "Entry", "In")), text(clock(rng))),
        (
            rng.choice(("Saldo", "Balance", "Baki Kad", "Sisa Saldo")),
            money.amount(receipt.total * rng.randint(2, 9)),
        ),
        (rng.choice(("Plat", "Vehicle", "Kartu", "Card")), text(stray(rng))),
    ]
    return rng.sample(rows, rng.randint(1, 4))


def beside(receipt: Receipt) -> list[tuple[str, Text]]:
    """Plates, cards and the balance before and after, mostly none: to train with, since the
    evaluation set was drawn before."""
    rng, money = receipt.rng, receipt.money
    rows = []
    if rng.random() < 0.4:
        label = rng.choice(("Plat", "No. Polisi", "Nopol", "Vehicle", "Vehicle No", "Plate"))
        rows.append((label, text(plate(rng, receipt.country))))
    if rng.random() < 0.15:
        rows.append((rng.choice(("Odometer", "KM", "Mileage")), text(words.digits(rng, 5))))
    if receipt.shop == "transport" and rng.random() < 0.4:
        card = words.digits(rng, 4) + rng.choice((" **** ", " **** **** ")) + words.digits(rng, 4)
        rows.append((receipt.label("card"), text(card)))
        before, after = rng.choice(
            (
                ("Saldo awal", "Saldo akhir"),
                ("Saldo Sebelum", "Saldo Sesudah"),
                ("Balance before", "Balance after"),
                ("Opening balance", "Closing balance"),
                ("Baki Awal", "Baki Akhir"),
            )
        )
        left = receipt.total * rng.uniform(0.1, 9)
        left = round(left, -2) if money.currency == "IDR" else round(left, 2)
        rows.append((before, money.amount(left + receipt.total)))
        rows.append((after, money.amount(left)))
    return rows


def plate(rng: random.Random, country: str) -> str:
    """Of a car."""
    letters = "".join(rng.choices(words.CODE_LETTERS, k=rng.randint(1, 3)))
    if country == "id":
        return f"{rng.choice('ABDFGHKLNRST')} {words.digits(rng, 4)} {letters}"
    return rng.choice((f"{letters} {words.digits(rng, 4)}", f"{letters}{words.digits(rng, 4)}"))


def card(paper: Paper, receipt: Receipt) -> None:
    """A card terminal's slip under the list of what was paid."""
    rng = receipt.rng
    habits = make_habits(rng, receipt, paper)
    if rng.random() < 0.4:
        paper.center(
            rng.choice(
                (
                    "** CUSTOMER COPY **",
                    "MERCHANT COPY",
                    "BUKTI PEMBAYARAN",
                    "SALE",
                    "CARDHOLDER COPY",
                    "PENJUALAN",
                )
            )
        )
    if receipt.split == "train" and rng.random() < 0.15:
        receipt.vendor = None
    else:
        heading(paper, receipt, extras=rng.random() < 0.6)
    rows = facts(receipt, habits)
    rows += rng.sample(
        (
            ("TERMINAL", text(words.digits(rng, 8))),
            ("MID", text(words.digits(rng, 12))),
            ("TID", text(words.digits(rng, 8))),
            (receipt.label("card"), text("**** " + words.digits(rng, 4))),
            ("BATCH", text(words.digits(rng, 6))),
            ("Status", text(rng.choice(("BERHASIL", "APPROVED", "OK")))),
            ("APPR CODE", text(words.digits(rng, 6))),
            ("AID", text("A" + words.digits(rng, 13))),
        ),
        rng.randint(1, 4),
    )
    print_facts(paper, rows, habits)
    paper.rule(habits.rule)
    print_items(paper, receipt, habits, (two_lines, 60, quantity_last, 40))
    paper.rule(habits.rule)
    print_sums(paper, receipt, habits, paid=rng.random() < 0.3)
    settle_tax(receipt)
    for line in rng.sample(
        (
            "APPROVED " + words.digits(rng, 6),
            "NO SIGNATURE REQUIRED",
            "PIN VERIFIED",
            "Kode persetujuan " + words.digits(rng, 6),
            "I AGREE TO PAY ABOVE TOTAL",
            "Transaksi berhasil",
        ),
        rng.randint(0, 3),
    ):
        paper.center(line)
    footer(paper, receipt, habits, most=2)
