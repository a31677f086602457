"""The box of what is printed on a scan; the gateway cuts by the same rule (src/image/trim.rs)."""

import numpy as np

INK_STEP = 40  # grey levels by which ink is darker than the background
UNIFORM_STEP = 24  # grey levels by which a pixel of the background may differ from its mode
UNIFORM_SHARE = 80  # per cent of the border that has to be background
DARKEST_BACKGROUND = 200
PRINT_INK = 6  # ink of print around a cell, in pixels for each pixel of the cell's edge


def is_bed(border: np.ndarray, mode: int) -> bool:
    """Whether the pixels of the border are bright and nearly uniform."""
    histogram = np.bincount(border, minlength=256)
    alike = int(histogram[max(0, mode - UNIFORM_STEP) : mode + UNIFORM_STEP + 1].sum())
    return mode >= DARKEST_BACKGROUND and alike * 100 >= UNIFORM_SHARE * len(border)


def print_cells(ink: np.ndarray, cell: int) -> np.ndarray:
    """Which squares of `cell` pixels have print rather than specks; bool (rows, columns).

    It has ink, and with its neighbours (one row, two columns each way) has as much as print has.
    """
    rows, columns = -(-ink.shape[0] // cell), -(-ink.shape[1] // cell)
    counts = np.zeros((rows * cell, columns * cell), np.int64)
    counts[: ink.shape[0], : ink.shape[1]] = ink
    counts = counts.reshape(rows, cell, columns, cell).sum((1, 3))
    padded = np.pad(counts, ((1, 1), (2, 2)))
    around = sum(padded[y : y + rows, x : x + columns] for y in range(3) for x in range(5))
    return (counts > 0) & (around >= PRINT_INK * cell)


def trim(image: np.ndarray) -> tuple[int, int, int, int]:
    """y0, x0, y1, x1 of what is on the page, with a margin of 1.5 % of the longer edge.

    The whole picture unless its border is nearly uniform and bright. Ink is what is darker than
    the mode of the border by INK_STEP. The border, 0.75 % of the longer edge deep, is not looked
    at for ink, since scanners leave lines there.
    """
    height, width = image.shape
    longer = max(height, width)
    depth, cell, margin = max(1, longer * 3 // 400), max(2, longer // 200), longer * 3 // 200
    whole = (0, 0, height, width)
    if min(height, width) < 4 * (depth + cell):
        return whole
    inner = image[depth : height - depth, depth : width - depth]
    sides = image[depth:-depth, :depth], image[depth:-depth, -depth:]
    border = np.concatenate([p.ravel() for p in (image[:depth], image[-depth:], *sides)])
    mode = int(np.bincount(border, minlength=256).argmax())
    if not is_bed(border, mode):
        return whole
    cells = print_cells(inner < mode - INK_STEP, cell)
    if not cells.any():
        return whole
    edges = []
    for axis, length in ((1, height), (0, width)):
        busy = np.flatnonzero(cells.any(axis))
        start, stop = depth + int(busy[0]) * cell, depth + (int(busy[-1]) + 1) * cell
        edges.append((max(0, start - margin), min(length, stop + margin)))
    (y0, y1), (x0, x1) = edges
    return y0, x0, y1, x1
