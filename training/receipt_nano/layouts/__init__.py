"""Receipts as they are laid out: what they say and where each text stands."""

import datetime
import random

from .. import fonts as typefaces
from . import forms, slips, tills
from .content import Receipt, make_receipt
from .paper import Overflow, Paper

# layout: (function, share of pages, columns at least and at most, kinds of faces or None for all)
LAYOUTS = {
    "till": (tills.till, 25, (22, 46), None),
    "restaurant": (tills.restaurant, 12, (24, 46), None),
    "malaysia": (tills.malaysia, 27, (28, 50), None),
    "invoice": (forms.invoice, 13, (46, 72), {"sans": 60, "serif": 22, "mono": 14, "dots": 4}),
    "slip": (slips.slip, 9, (22, 40), None),
    "card": (slips.card, 7, (24, 42), None),
    "bill": (forms.bill, 7, (36, 60), {"sans": 60, "serif": 15, "mono": 20, "dots": 5}),
}
MOST_TRIES = 60


def compose(
    rng: random.Random, split: str, fonts: str, columns: tuple[int, int] | None
) -> tuple[str, Paper, dict]:
    """A layout's name, its full sheet and the truth."""
    for _ in range(MOST_TRIES):
        kind = rng.choices(list(LAYOUTS), [row[1] for row in LAYOUTS.values()])[0]
        layout, _, span, faces = LAYOUTS[kind]
        try:
            paper = make_paper(rng, fonts, columns or span, faces)
            receipt = make_receipt(rng, split, kind, single=kind == "slip")
            leave_out(rng, receipt, kind)
            layout(paper, receipt)
        except Overflow:
            continue
        return kind, paper, receipt.truth()
    raise Overflow(f"{MOST_TRIES} receipts did not fit")


def make_paper(
    rng: random.Random, fonts: str, columns: tuple[int, int], faces: dict | None
) -> Paper:
    face = typefaces.pick(rng, fonts, faces or typefaces.KINDS)
    if face.kind == "dots" or rng.random() < 0.6:
        head = face
    else:
        head = typefaces.pick(rng, fonts, {"sans": 60, "serif": 25, "mono": 15})
    spacing = rng.choice((0, 0, 0, 0, 0.04, 0.08, 0.14)) if face.kind != "dots" else 0
    height = sum(face.height) * (1 - spacing)
    pitch = min(2.7, max(1.65, height * rng.uniform(1.0, 1.38)))
    pitch = max(pitch, height)
    return Paper(
        rng, rng.randint(*columns), face, head, pitch, spacing, bold_body=rng.random() < 0.07
    )


def leave_out(rng: random.Random, receipt: Receipt, kind: str) -> None:
    """Takes the vendor away now and then, and gives invoices a day of payment."""
    if rng.random() < (0.12 if kind == "card" else 0.035):
        receipt.vendor = None
    if receipt.date and kind in ("invoice", "bill") and rng.random() < 0.62:
        receipt.due = receipt.date + datetime.timedelta(
            days=rng.choice((7, 14, 15, 20, 30, 30, 45, 60))
        )
