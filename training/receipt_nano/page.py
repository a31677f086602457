"""What the renderer, the scans and the trainer have in common: a page and its glyphs."""

from dataclasses import dataclass

import numpy as np

# What a glyph is part of. The trainer's role head has one class for each; "none" is every glyph
# that no field of the invoice is copied from.
ROLES = (
    "none",
    "vendor_name",
    "invoice_number",
    "invoice_date",
    "due_date",
    "description",
    "details",
    "quantity",
    "unit_price",
    "item_total",
    "subtotal",
    "tax_rate_percent",
    "tax_amount",
    "discount",
    "total_due",
    "currency",
    "rounding",
)
ROLE = {name: number for number, name in enumerate(ROLES)}

# Parts of a date, so that 03/04/2024 can be aligned with 2024-04-03.
DAY, MONTH, YEAR = 1, 2, 3

# One printed character. The box is its cell in pixels of the page: from its pen position to the
# next one, from the line's ascent to its descent. Spaces inside a run of text are glyphs too.
GLYPH = np.dtype(
    [
        ("char", "<u4"),  # Unicode code point
        ("x0", "<f4"),
        ("y0", "<f4"),
        ("x1", "<f4"),
        ("y1", "<f4"),
        ("role", "u1"),  # index into ROLES
        ("item", "<i2"),  # index of the item it belongs to, -1 for none
        ("part", "u1"),  # DAY, MONTH or YEAR in a date; in details the line, from 1; else 0
        ("line", "<i2"),  # printed line, counted from the top; runs on one line share it
    ]
)


@dataclass
class Page:
    """A picture of a receipt and what is known about it.

    image   uint8, (height, width), grey, 0 black
    glyphs  array of GLYPH in reading order: line by line, each from left to right
    truth   an object of schemas/invoice.schema.json, or for scans the fields that are labelled
    kind    which layout, or "scan"
    """

    image: np.ndarray
    glyphs: np.ndarray
    truth: dict
    kind: str
