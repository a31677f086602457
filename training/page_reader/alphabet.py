"""The characters that the reader knows. Class 0 is CTC's blank; class n is the character n - 1."""

import string

# Latin letters with marks, of the languages of western and central Europe and Turkey.
ACCENTED = (
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿ"
    "ĀāĂăĄąĆćČčĎďĐđĒēĖėĘęĚěĞğĢģĪīĮįİıĶķĹĺĻļĽľŁłŃńŅņŇňŌōŐőŒœŔŕŘřŚśŞşŠšŢţŤťŪūŮůŰűŲųŸŹźŻżŽžȘșȚț"
)
SIGNS = "£€¥₹฿₫₱₩¢§°©®™№×½¼¾²³µ·•–—’‘“”„«»…¡¿"
CHARACTERS = string.ascii_letters + string.digits + string.punctuation + " " + SIGNS + ACCENTED
CLASS = {character: number for number, character in enumerate(CHARACTERS, 1)}
CLASSES = len(CHARACTERS) + 1

# What a scan's label writes for a character: labels of SROIE are in capitals, whatever is printed.
FOLDED = [0] + [
    CLASS.get(character.upper(), number) if len(character.upper()) == 1 else number
    for number, character in enumerate(CHARACTERS, 1)
]

# Characters that are printed alike, each with the one that stands for it.
SAME = {"‘": "’", "`": "’", "´": "’", "\u00a0": " ", "‐": "-", "‑": "-", "−": "-", "―": "—"}


def encode(text: str) -> list[int] | None:
    """The classes of a text; None where it has a character that is not known."""
    classes = [CLASS.get(SAME.get(character, character)) for character in text]
    return None if None in classes else classes


def decode(classes: list[int]) -> str:
    """The text of the likeliest class of each step: repeats once, blanks not at all."""
    text, last = [], 0
    for number in classes:
        if number not in (0, last):
            text.append(CHARACTERS[number - 1])
        last = number
    return "".join(text)
