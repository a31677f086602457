"""A sheet that is written from the top downwards.

Lengths are in characters: the advance of a digit of the body text is 1. How many pixels that is
is decided when the sheet is full.
"""

import random
from dataclasses import dataclass, field, replace

from ..fonts import Face

NARROWEST = 0.74  # factor by which text may be squeezed to fit


class Overflow(Exception):
    """A text that has no room."""


@dataclass(frozen=True)
class Text:
    """Characters, and for each its role, the index of its item and its part."""

    chars: str = ""
    marks: tuple[tuple[str, int, int], ...] = ()

    def __add__(self, other: "Text | str") -> "Text":
        other = text(other)
        return Text(self.chars + other.chars, self.marks + other.marks)

    def __radd__(self, other: str) -> "Text":
        return text(other) + self

    def __getitem__(self, where: slice) -> "Text":
        return Text(self.chars[where], self.marks[where])

    def __len__(self) -> int:
        return len(self.chars)

    @property
    def marked(self) -> bool:
        return any(role != "none" for role, _, _ in self.marks)

    def unmarked(self) -> "Text":
        return text(self.chars)


def text(value: "Text | str", role: str = "none", item: int = -1, part: int = 0) -> Text:
    if isinstance(value, Text):
        return value
    return Text(value, ((role, item, part),) * len(value))


@dataclass(frozen=True)
class Style:
    """How a run is printed: `scale` times the body's size, `wide` times as wide as that."""

    scale: float = 1.0
    wide: float = 1.0
    bold: bool = False
    second: bool = False  # in the face of the headings
    inverse: bool = False


PLAIN = Style()


@dataclass
class Run:
    """A printed text: its left end and its baseline."""

    text: Text
    x: float
    y: float
    style: Style


@dataclass
class Shape:
    """line, dashed, box, fill, grey, bars, code, blot or scribble; `size` is a line's width."""

    kind: str
    x0: float
    y0: float
    x1: float
    y1: float
    size: float = 0.15


@dataclass
class Paper:
    """What is printed on a sheet that is `columns` characters wide between its margins."""

    rng: random.Random
    columns: float
    face: Face
    head_face: Face
    pitch: float  # of lines
    spacing: float  # share of a character's advance that is added between characters
    bold_body: bool = False
    y: float = 0.0
    runs: list[Run] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)

    def used(self, style: Style) -> Face:
        return self.head_face if style.second else self.face

    def length(self, value: Text | str, style: Style = PLAIN) -> float:
        chars = text(value).chars
        face, glyph = self.used(style), 1 - self.spacing
        bold = style.bold or self.bold_body
        natural = face.length(chars, bold) * glyph + len(chars) * self.spacing
        return natural * style.scale * style.wide

    def put(
        self,
        value: Text | str,
        x: float = 0.0,
        align: str = "l",
        style: Style = PLAIN,
        room: float | None = None,
        raised: float = 0.0,
    ) -> float:
        """Prints on the current line with its left, middle or right at x; returns its right end.

        Text longer than `room` is squeezed. `raised` moves it up by a part of a line.
        """
        value = text(value)
        width = self.length(value, style)
        if room is None:
            room = {"l": self.columns - x, "r": x, "c": 2 * min(x, self.columns - x)}[align]
        if width > room + 1e-6:
            squeeze = max(room, 0.01) / width
            if squeeze < NARROWEST:
                raise Overflow(value.chars)
            style = replace(style, wide=style.wide * squeeze)
            width = room
        left = x - {"l": 0, "r": width, "c": width / 2}[align]
        if style.inverse:
            bottom = self.y + self.pitch * style.scale
            self.shapes.append(Shape("fill", left - 0.4, self.y, left + width + 0.4, bottom))
        if value.chars:
            self.runs.append(Run(value, left, self.baseline(style) - raised * self.pitch, style))
        return left + width

    def baseline(self, style: Style = PLAIN) -> float:
        ascent, descent = self.used(style).height
        return self.y + style.scale * (self.pitch + (ascent - descent) * (1 - self.spacing)) / 2

    def down(self, lines: float = 1.0, style: Style = PLAIN) -> None:
        self.y += lines * self.pitch * style.scale

    def wrap(self, value: Text | str, room: float, style: Style = PLAIN) -> list[Text]:
        """Breaks at spaces into lines that fit."""
        value = text(value)
        lines, start, end = [], 0, 0
        for at in [i for i, c in enumerate(value.chars) if c == " "] + [len(value)]:
            if end > start and self.length(value[start:at], style) > room:
                lines.append(value[start:end])
                start = end + 1
            end = at
        return [*lines, value[start:]]

    def left(self, value: Text | str, style: Style = PLAIN, indent: float = 0.0) -> None:
        for line in self.wrap(value, self.columns - indent, style):
            self.put(line, indent, "l", style)
            self.down(style=style)

    def center(self, value: Text | str, style: Style = PLAIN) -> None:
        for line in self.wrap(value, self.columns, style):
            self.put(line, self.columns / 2, "c", style)
            self.down(style=style)

    def pair(
        self,
        left: Text | str,
        right: Text | str,
        style: Style = PLAIN,
        indent: float = 0.0,
        end: float | None = None,
    ) -> None:
        """A label and its value at the right edge, on two lines if one is too short."""
        end = self.columns if end is None else end
        left, right = text(left), text(right)
        need = self.length(left, style) + self.length(right, style) + 1.5 * style.scale
        if need > (end - indent) * (1 + (1 - NARROWEST) / 2):
            for line in self.wrap(left, end - indent, style):
                self.put(line, indent, "l", style, end - indent)
                self.down(style=style)
            self.put(right, end, "r", style, end - indent)
        else:
            if need > end - indent:
                style = replace(style, wide=style.wide * (end - indent) / need)
            self.put(left, indent, "l", style)
            self.put(right, end, "r", style)
        self.down(style=style)

    def rule(self, kind: str, start: float = 0.0, end: float | None = None) -> None:
        """A line across: "line", "dashed" and "double" are drawn, others are characters."""
        end = self.columns if end is None else end
        if kind in ("line", "dashed", "double"):
            self.down(0.2)
            width = self.rng.choice((0.08, 0.12, 0.2))
            shape = "dashed" if kind == "dashed" else "line"
            self.shapes.append(Shape(shape, start, self.y, end, self.y, width))
            if kind == "double":
                self.shapes.append(Shape(shape, start, self.y + 0.3, end, self.y + 0.3, width))
            self.down(0.3)
            return
        count = int((end - start) / self.length(kind) + 1e-6)
        self.put((kind * count).rstrip(), start, "l")
        self.down()
