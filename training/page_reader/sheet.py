"""A page as the shards of pages hold it."""

from dataclasses import dataclass

import cv2
import numpy as np


@dataclass
class Sheet:
    """A page as it is stored: a picture in PNG, and its lines.

    lines   of each the points (n, 2) along its upper and along its lower edge, in pixels
    """

    png: bytes
    lines: list[tuple[np.ndarray, np.ndarray]]


def stored(image: np.ndarray, lines: list[tuple[np.ndarray, np.ndarray]]) -> Sheet:
    return Sheet(cv2.imencode(".png", image)[1].tobytes(), lines)
