"""What the model is to write for a page, and which glyph each token is read from.

The JSON is that of schemas/invoice.schema.json or schemas/receipt-brief.schema.json, in its
order. A number is written as it is
printed, less its thousands separators ("1.234,50" is 1234.50), so that every digit has a source.
"""

from dataclasses import dataclass

import numpy as np

from .page import DAY, MONTH, ROLE, YEAR, Page
from .tokens import CATEGORIES, PIECES, make_tokenizer

TOKENIZER = make_tokenizer()
END = TOKENIZER.token_to_id("<|im_end|>")
PIECE = {piece: TOKENIZER.token_to_id(piece) for piece in PIECES}
BYTE = {byte: TOKENIZER.encode(chr(byte)).ids[0] for byte in range(128)}
NONE = -1
ROUNDING = TOKENIZER.encode(',"rounding":').ids

KEY_WEIGHT, DIGIT_WEIGHT = 0.5, 1.5
# Of a category, and of whether another item follows: one token that decides much.
CHOICE_WEIGHT = 3.0


@dataclass
class Target:
    """Tokens to write, each (tokens,): ids int64, source int32 (a glyph's index or -1), weight
    float32 (of its loss; 0 where the truth is not known)."""

    ids: np.ndarray
    source: np.ndarray
    weight: np.ndarray


class Writer:
    """Collects tokens; `known` says whether the value being written is labelled."""

    def __init__(self, page: Page):
        self.glyphs = page.glyphs
        self.tokens: list[tuple[int, int, float]] = []
        self.known = True

    def put(self, token: int, source: int, weight: float) -> None:
        self.tokens.append((token, source, weight if self.known else 0.0))

    def piece(self, text: str, source: int = NONE, weight: float = KEY_WEIGHT) -> None:
        self.put(PIECE[text], source, weight)

    def characters(self, text: str, sources: list[int]) -> None:
        for character, source in zip(text, sources, strict=True):
            weight = DIGIT_WEIGHT if character.isdigit() else 1.0
            for token in (
                TOKENIZER.encode(character).ids if character > "\x7f" else (BYTE[ord(character)],)
            ):
                self.put(token, source, weight)

    def find(self, role: str, item: int = -1, part: int | None = None) -> np.ndarray:
        """Indices of the glyphs of a value."""
        found = (self.glyphs["role"] == ROLE[role]) & (self.glyphs["item"] == item)
        if part is not None:
            found &= self.glyphs["part"] == part
        return np.flatnonzero(found)

    def string(self, text: str | None, where: np.ndarray) -> None:
        """A value in quotes, or null."""
        if text is None:
            self.piece("null", weight=1.0)
            return
        self.characters('"', [NONE])
        self.characters(text, follow(text, self.glyphs["char"][where], where))
        self.characters('"', [NONE])

    def number(self, value: float | None, *places: np.ndarray) -> None:
        """A number read from the first of `places` that holds it, or null."""
        if value is None:
            self.piece("null", weight=1.0)
            return
        for where in places:
            read = digits(value, self.glyphs["char"][where], where)
            if read:
                self.characters(*read)
                return
        text = f"{value:.3f}".rstrip("0").rstrip(".")
        self.characters(text, [NONE] * len(text))

    def date(self, text: str | None, role: str) -> None:
        """A date in quotes, each digit read from its part of the printed one."""
        if text is None:
            self.piece("null", weight=1.0)
            return
        sources = []
        for part, width in ((YEAR, 4), (MONTH, 2), (DAY, 2)):
            where = self.find(role, part=part)
            sources += part_sources(where, self.glyphs["char"][where], width)
            if part != DAY:
                following = self.find(role, part=MONTH if part == YEAR else DAY)
                sources.append(int(following[0]) if len(following) else NONE)
        self.characters('"' + text + '"', [NONE, *sources, NONE])

    def currency(self, code: str, source: int) -> None:
        """An ISO 4217 code, read from one glyph of the printed sign."""
        if code in PIECE:
            self.piece(code, source)
        else:
            self.characters(code, [source] * len(code))


def follow(text: str, characters: np.ndarray, where: np.ndarray) -> list[int]:
    """Sources of a string: the printed characters in order; what is not printed has none."""
    sources, at = [], 0
    for character in text:
        ahead = np.flatnonzero(characters[at : at + 3] == ord(character))
        if len(ahead):
            at += int(ahead[0])
            sources.append(int(where[at]))
            at += 1
        else:
            sources.append(NONE)
    return sources


def digits(value: float, characters: np.ndarray, where: np.ndarray) -> tuple[str, list[int]] | None:
    """The printed digits of `value` as a JSON number and their sources; None where they differ."""
    printed = [(chr(c), int(w)) for c, w in zip(characters, where, strict=True)]
    only = [(c, w) for c, w in printed if c in "0123456789"]
    whole = "".join(c for c, _ in only)
    for places in range(min(4, len(whole))):
        if round(int(whole) / 10**places, 3) == round(abs(value), 3):
            break
    else:
        return None
    cut = len(only) - places
    head, tail = only[:cut], only[cut:]
    while len(head) > 1 and head[0][0] == "0":
        head = head[1:]
    read = [("-", NONE)] * (value < 0) + head
    if tail:
        read += [(".", max(tail[0][1] - 1, 0))] + tail
    return "".join(c for c, _ in read), [w for _, w in read]


def part_sources(where: np.ndarray, characters: np.ndarray, width: int) -> list[int]:
    """Sources of a date's part of `width` digits: its last digits one by one, what is missing,
    or stands as a word, from its first glyph."""
    if not len(where):
        return [NONE] * width
    if not all(chr(c).isdigit() for c in characters):
        return [int(where[0])] * width
    last = [int(w) for w in where[-width:]]
    return [last[0]] * (width - len(last)) + last


def invoice(page: Page) -> Target:
    """The invoice of a page as the model is to write it."""
    w, truth = Writer(page), page.truth
    total = w.find("total_due")

    def field(name: str) -> None:
        w.piece(("{" if name == "vendor_name" else ",") + f'"{name}":')
        w.known = name in truth

    field("vendor_name")
    w.string(truth.get("vendor_name"), w.find("vendor_name"))
    field("invoice_number")
    w.string(truth.get("invoice_number"), w.find("invoice_number"))
    field("invoice_date")
    w.date(truth.get("invoice_date"), "invoice_date")
    field("due_date")
    w.date(truth.get("due_date"), "due_date")
    w.known = True
    w.piece(',"items":[')
    items(w, truth.get("items"))
    field("subtotal")
    w.number(truth.get("subtotal"), w.find("subtotal"), total)
    for name in ("tax_rate_percent", "tax_amount", "discount"):
        field(name)
        w.number(truth.get(name, 0), w.find(name))
    field("total_due")
    w.number(truth.get("total_due"), total)
    w.known = "rounding" in truth
    for token in ROUNDING:
        w.put(token, NONE, 0)
    w.number(truth.get("rounding", 0), w.find("rounding"))
    w.known = True
    w.characters("}", [NONE])
    w.put(END, NONE, KEY_WEIGHT)
    return finish(w)


def brief(page: Page) -> Target:
    """Merchant, date, total and currency of a page."""
    w, truth = Writer(page), page.truth

    def key(text: str) -> None:
        for token in TOKENIZER.encode(text).ids:
            w.put(token, NONE, KEY_WEIGHT)

    key('{"merchant":')
    w.known = "vendor_name" in truth
    w.string(truth.get("vendor_name"), w.find("vendor_name"))
    w.known = True
    key(',"date":')
    w.known = "invoice_date" in truth
    w.date(truth.get("invoice_date"), "invoice_date")
    w.known = True
    key(',"total":')
    w.known = "total_due" in truth
    w.number(truth.get("total_due"), w.find("total_due"))
    w.known = True
    key(',"currency":"')
    listed = truth.get("items")
    w.known = bool(listed) and "currency" in listed[0]
    sign = w.find("currency")
    w.currency(listed[0]["currency"] if w.known else "XXX", int(sign[0]) if len(sign) else NONE)
    w.known = True
    w.characters('"}', [NONE, NONE])
    w.put(END, NONE, KEY_WEIGHT)
    return finish(w)


def items(w: Writer, listed: list[dict] | None) -> None:
    """The items and the bracket that closes them; None where a scan has no labels. What an item
    has no label of is written, but not asked for."""
    if not listed:
        w.known = listed is not None
        w.characters("]", [NONE])
        return
    currency = w.find("currency")
    for number, item in enumerate(listed):
        w.piece('"},{"description":"' if number else '{"description":"', weight=CHOICE_WEIGHT)
        where = w.find("description", number)
        text = item["description"]
        w.characters(text, follow(text, w.glyphs["char"][where], where))
        w.piece('","details":[', weight=1.0)
        w.known = "details" in item
        for at, detail in enumerate(item.get("details", ())):
            if at:
                w.characters(",", [NONE])
            w.string(detail, w.find("details", number, at + 1))
        w.piece('],"quantity":')
        w.known = "quantity" in item
        w.number(item.get("quantity", 1), w.find("quantity", number))
        w.piece(',"unit_price":')
        w.known = "unit_price" in item
        item_total = w.find("item_total", number)
        w.number(item.get("unit_price"), w.find("unit_price", number), item_total)
        w.known = True
        w.piece(',"total":')
        only = w.find("total_due") if len(listed) == 1 else item_total
        w.number(item["total"], item_total, w.find("unit_price", number), only)
        w.piece(',"currency":"')
        code = item.get("currency", "MYR")
        w.known = "currency" in item
        w.currency(code, int(currency[0]) if len(currency) and not number else NONE)
        w.piece('","category":"')
        w.known = "category" in item
        w.piece(item.get("category", CATEGORIES[-1]), weight=CHOICE_WEIGHT)
        w.known = True
    w.piece('"}]', weight=CHOICE_WEIGHT)


def transcription(page: Page, first: int, most: int, prefix: int) -> Target:
    """`most` characters of the page's text from glyph `first` on, lines as lines. The first
    `prefix` are given rather than asked for."""
    w, glyphs = Writer(page), page.glyphs
    last = None
    for index in range(first, min(len(glyphs), first + most)):
        glyph = glyphs[index]
        if last is not None and glyph["line"] != last["line"]:
            w.characters("\n", [NONE])
        elif last is not None and glyph["x0"] > last["x1"] + 0.6 * (last["x1"] - last["x0"]):
            w.characters(" ", [NONE])
        w.known = index - first >= prefix
        w.characters(chr(glyph["char"]), [index])
        last = glyph
    w.known = first + most >= len(glyphs)
    w.put(END, NONE, KEY_WEIGHT)
    return finish(w)


def finish(w: Writer) -> Target:
    ids, source, weight = zip(*w.tokens, strict=True)
    return Target(np.array(ids), np.array(source, np.int32), np.array(weight, np.float32))
