"""What receipts say: names of shops and goods, addresses, labels. Indonesian, Malay, English.

Names are put together from words. About a fifth of the words, picked by a hash, belong to the
split "eval": they are never drawn for "train", and nearly every name drawn for "eval" has one.
"""

import functools
import hashlib
import random

from .lexicon import CITIES, GOODS, HOUSES, LABELS, MODIFIERS, MORE, NAME_WORDS, PEOPLE, STREETS

ONSETS = [
    "b",
    "c",
    "d",
    "f",
    "g",
    "h",
    "j",
    "k",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "t",
    "w",
    "y",
    "z",
    "br",
    "cl",
    "dr",
    "fl",
    "gr",
    "kr",
    "ng",
    "pl",
    "pr",
    "sk",
    "st",
    "str",
    "tr",
    "th",
    "sh",
]
VOWELS = ["a", "e", "i", "o", "u", "a", "e", "i", "o", "ai", "au", "ee", "oo", "ia"]
CODAS = ["", "", "", "", "n", "r", "s", "t", "ng", "l", "m", "k", "x"]
HELD_OUT_ONE_IN = 5
CODE_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


def held_out(word: str) -> bool:
    """Whether a word is kept for evaluation."""
    digest = hashlib.blake2b(word.lower().encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") % HELD_OUT_ONE_IN == 0


@functools.cache
def pool(words: tuple[str, ...], split: str) -> tuple[str, ...]:
    """The words that belong to a split; all of them where none does."""
    return tuple(w for w in words if held_out(w) == (split == "eval")) or words


def pick(rng: random.Random, words: tuple[str, ...], split: str) -> str:
    return rng.choice(pool(words, split))


def invented(rng: random.Random, split: str) -> str:
    """A pronounceable word that means nothing."""
    while True:
        syllables = rng.choices((1, 2, 3, 4), (1, 6, 4, 1))[0]
        word = "".join(
            rng.choice(ONSETS) + rng.choice(VOWELS) + rng.choice(CODAS) for _ in range(syllables)
        )
        if 3 <= len(word) <= 14 and held_out(word) == (split == "eval"):
            return word.capitalize()


def code(rng: random.Random) -> str:
    """Such as WM-2203B."""
    letters = "".join(rng.choices(CODE_LETTERS, k=rng.randint(1, 3)))
    digits = "".join(rng.choices("0123456789", k=rng.randint(1, 6)))
    tail = rng.choice(("", "", "", rng.choice(CODE_LETTERS), f"/{rng.randint(1, 99)}", ".5", "#2"))
    return letters + rng.choice(("", "", "-", "-", " ", "/", ".")) + digits + tail


def jumble(rng: random.Random) -> str:
    """Characters of all kinds without any sense."""
    text = "".join(chr(rng.randint(33, 126)) for _ in range(rng.randint(4, 22)))
    at = rng.randint(1, len(text) - 1)
    return text[:at] + " " + text[at:] if rng.random() < 0.6 else text


def digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choices("0123456789", k=count))


# ------------------------------------------------------------------ vendors


def proper_name(rng: random.Random, split: str) -> str:
    """One to three words that name a company; in "eval" the first is always held out."""
    words = []
    for at in range(rng.choices((1, 2, 3), (5, 5, 1))[0]):
        own = split if split == "train" or at == 0 or rng.random() < 0.5 else "train"
        known = rng.random() < 0.72
        words.append(pick(rng, NAME_WORDS, own) if known else invented(rng, own))
    if rng.random() < 0.06:
        words.insert(1, "&")
        words.append(pick(rng, PEOPLE, split))
    if rng.random() < 0.05:
        words.append(str(rng.randint(1, 999)))
    if rng.random() < 0.04:
        words[0] += "'s"
    return " ".join(words)


def vendor(rng: random.Random, split: str, shop: str, country: str) -> str:
    """Name of a company; `country` is id, my or en."""
    if split == "train" and shop == "fuel" and country == "id" and rng.random() < 0.35:
        return f"SPBU {digits(rng, 2)}{rng.choice('.-')}{digits(rng, 5)}"
    name = proper_name(rng, split)
    before, after = HOUSES[shop][country]
    style = rng.random()
    if style < 0.42 and after:
        name = f"{name} {rng.choice(after)}"
    elif style < 0.75 and before:
        name = f"{rng.choice(before)} {name}"
    draw = rng.random()
    if country == "my" and draw < 0.62:
        name += rng.choice(
            (" SDN BHD", " SDN BHD", " SDN. BHD.", " SDN.BHD.", " (M) SDN BHD", " ENTERPRISE")
        )
    elif country == "id" and draw < 0.3:
        name = rng.choice(("PT", "PT", "PT.", "CV", "CV.", "UD")) + " " + name
    elif country == "en" and draw < 0.3:
        name += rng.choice((" Ltd", " Inc.", " LLC", " Co.", " PTE LTD", " Pte. Ltd."))
    return cased(rng, name, (6, 3, 1))


def cased(rng: random.Random, text: str, weights=(1, 1, 0)) -> str:
    """In capitals, as it is, or in small letters."""
    how = rng.choices((str.upper, str, str.lower), weights)[0]
    return how(text)


# -------------------------------------------------------------------- goods


def good(rng: random.Random, split: str, shop: str, country: str) -> tuple[str, str]:
    """A thing that a kind of shop sells, and its category."""
    groups = GOODS[shop]
    group = rng.choices(groups, [3] + [1] * (len(groups) - 1))[0]
    category, by_language, kind = group
    language = country if rng.random() < 0.72 else rng.choice(("id", "my", "en"))
    words = by_language.get(language) or by_language.get("en") or by_language["id"]
    if split == "train":
        words += MORE[shop][groups.index(group)].get(language, ())
    own = split if split == "train" or rng.random() < 0.75 else "train"
    draw = rng.random()
    if draw < 0.13:
        name = " ".join(invented(rng, split) for _ in range(rng.choice((1, 2, 2, 3))))
    else:
        name = pick(rng, words, own)
    if rng.random() < 0.6:
        name += " " + pick(rng, MODIFIERS[kind], own)
    if rng.random() < 0.16:
        name = (
            f"{name} {invented(rng, split)}"
            if rng.random() < 0.5
            else f"{invented(rng, split)} {name}"
        )
    if rng.random() < 0.3:
        name += " " + size(rng, kind)
    if rng.random() < 0.09:
        name = code(rng) + " " + name if rng.random() < 0.5 else name + " " + code(rng)
    if rng.random() < 0.06:
        name += rng.choice(
            (
                " (S)",
                " (L)",
                " - R",
                " #2",
                " 50%",
                " [P]",
                " @3",
                " +",
                " *",
                " (HOT)",
                " w/o",
                " 1+1",
                "!",
                " /pc",
                " 'S",
                " & CO",
                " = 2",
                " <new>",
                " {A}",
                "; red",
                " ?",
                " _x",
                " ~5",
                " $1",
                " ^",
                " |A|",
            )
        )
    return name[:44].strip(), category


def size(rng: random.Random, kind: str) -> str:
    if kind == "dish":
        return rng.choice(("(S)", "(M)", "(L)", "Large", "Small", "x2", "Jumbo", "1 pax", "set A"))
    if kind == "hard":
        a, b = rng.choice((6, 8, 10, 12, 15, 20, 25)), rng.choice((10, 12, 25, 40, 60, 75, 100))
        return rng.choice(
            (
                f"{a}MM",
                f"{a}X{b}MM",
                f'{a}"'.replace('"', " in"),
                f"{a}mm x {b}m",
                f"1/{rng.choice((2, 4, 8))}IN",
                f"{b}W",
                f"{b}PCS",
                f"{a}FT",
            )
        )
    amount = rng.choice(
        (
            1,
            2,
            5,
            10,
            12,
            20,
            24,
            30,
            48,
            50,
            60,
            75,
            80,
            90,
            100,
            125,
            150,
            180,
            200,
            225,
            230,
            250,
            330,
            375,
            400,
            450,
            500,
            750,
            900,
            1000,
        )
    )
    unit = rng.choice(
        (
            "g",
            "gr",
            "G",
            "GM",
            "ml",
            "ML",
            "mL",
            "kg",
            "KG",
            "L",
            "Ltr",
            "S",
            "pcs",
            "PCS",
            "mg",
            "x 6",
        )
    )
    return f"{amount}{rng.choice(('', '', ' '))}{unit}"


# ------------------------------------------------- addresses, people, labels


def label(rng: random.Random, name: str, country: str) -> str:
    """One of the ways to label a field, in the language of a country."""
    table = LABELS[name]
    choices = table.get(country) or table["en"]
    return rng.choice(choices if rng.random() < 0.85 else table["en"])


def person(rng: random.Random, split: str) -> str:
    name = pick(rng, PEOPLE, split) if rng.random() < 0.8 else invented(rng, split)
    return name if rng.random() < 0.6 else f"{name} {pick(rng, PEOPLE, split)}"


def phone(rng: random.Random, country: str) -> str:
    if country == "my":
        area = rng.choice(("03", "04", "05", "06", "07", "012", "016", "019"))
        return rng.choice(
            (
                f"{area}-{digits(rng, 4)} {digits(rng, 4)}",
                f"{area}-{digits(rng, 8)}",
                f"+6{area}-{digits(rng, 7)}",
            )
        )
    if country == "id":
        area = rng.choice(("021", "022", "024", "0274", "031", "0361", "061", "0812", "0857"))
        return rng.choice(
            (
                f"{area}-{digits(rng, 7)}",
                f"({area}) {digits(rng, 3)} {digits(rng, 4)}",
                f"+62 {area[1:]} {digits(rng, 7)}",
            )
        )
    return f"({digits(rng, 3)}) {digits(rng, 3)}-{digits(rng, 4)}"


def address(rng: random.Random, split: str, country: str) -> list[str]:
    """Lines of an address, one to four."""
    street = pick(rng, STREETS, "train") if rng.random() < 0.6 else invented(rng, split)
    street += "" if rng.random() < 0.6 else " " + pick(rng, STREETS, "train")
    city = rng.choice(CITIES[country])
    postcode = digits(rng, 5)
    number = rng.randint(1, 299)
    if country == "my":
        lot = rng.choice(
            (
                f"NO. {number}",
                f"NO {number}-{number % 60 + 2}-G",
                f"LOT {number}",
                f"NO: {number}A",
                f"{number}, GROUND FLOOR",
                f"B-{number}",
            )
        )
        way = rng.choice(("JALAN", "JLN", "Jalan", "LORONG", "PERSIARAN"))
        road = f"{way} {street} {rng.randint(1, 30)}/{rng.randint(1, 90)}"
        lines = [
            f"{lot}, {road},",
            f"TAMAN {pick(rng, STREETS, 'train')},",
            f"{postcode} {city},",
            rng.choice(("SELANGOR.", "JOHOR", "MALAYSIA", "SELANGOR D.E.", "W.P.")),
        ]
        lines = lines[:1] + rng.choice((lines[1:3], lines[2:], lines[1:], [f"{postcode} {city}"]))
        return [cased(rng, line, (8, 1, 0)) for line in lines]
    if country == "id":
        way = rng.choice(("Jl.", "Jl.", "Jalan", "JL"))
        lines = [
            f"{way} {street} {rng.choice(('No. ', 'No ', 'Kav. ', ''))}{number}",
            rng.choice((city, f"{city} {postcode}", f"Kec. {street.split()[0]}, {city}")),
        ]
    else:
        lines = [
            f"{number} {street} {rng.choice(('St', 'Street', 'Ave', 'Road', 'Blvd'))}",
            f"{city} {postcode}",
        ]
    if rng.random() < 0.25:
        lines = [", ".join(lines)]
    return lines if rng.random() < 0.8 else lines[:1]


def registration(rng: random.Random) -> str:
    """A Malaysian company number."""
    return f"{digits(rng, rng.choice((5, 6, 7)))}-{rng.choice('ADHKMPTUVWX')}"


def number(rng: random.Random) -> str:
    """Of a receipt."""
    n = digits(rng, rng.randint(3, 8))
    year = rng.randint(2010, 2026)
    letters = "".join(rng.choices(CODE_LETTERS, k=rng.randint(1, 4)))
    return rng.choice(
        (
            n,
            n,
            n.zfill(8),
            digits(rng, rng.randint(9, 14)),
            f"{letters}{n}",
            f"{letters}-{n}",
            f"{letters}/{year}/{n}",
            f"{letters} {n}",
            f"INV-{n}",
            f"INV/{year % 100:02}/{rng.randint(1, 12):02}/{n}",
            f"#{n}",
            f"{digits(rng, 3)}-{digits(rng, 5)}",
            f"{letters}{digits(rng, 4)}/{n}",
            f"{n}-{rng.randint(1, 9)}",
            f"{digits(rng, 2)}.{digits(rng, 4)}.{n}",
            f"{letters}{year % 100:02}{n}",
            f"{n}{letters}",
            f"{digits(rng, 4)}{letters}{digits(rng, 3)}",
            f"{letters}-{year}-{n}",
            f"{digits(rng, 2)}_{n}",
        )
    )
