"""The lines of the page reader: what is cut out of a page, its text, and its classes."""

import random

import numpy as np
import torch

from page_reader import alphabet, crops, data, measure, texts, train
from page_reader import model as nets
from page_reader.model import Recogniser
from receipt_nano import render


def test_texts_survive_their_classes():
    text = "Straße 12, CAFÉ «L’été» – RM 1,234.50"
    classes = alphabet.encode(text)
    steps = [step for number in classes for step in (number, number, 0)]
    assert alphabet.decode(steps) == text
    assert alphabet.encode("\u4e00") is None


def test_capitals_stand_for_small_letters_where_the_case_is_not_known():
    log_probs = torch.full((1, 1, alphabet.CLASSES), -20.0)
    log_probs[0, 0, alphabet.CLASS["a"]] = np.log(0.25)
    log_probs[0, 0, alphabet.CLASS["A"]] = np.log(0.5)
    folded = train.fold(log_probs, torch.tensor([False])).exp()
    assert abs(float(folded[0, 0, alphabet.CLASS["A"]]) - 0.75) < 1e-3
    kept = train.fold(log_probs, torch.tensor([True])).exp()
    assert abs(float(kept[0, 0, alphabet.CLASS["A"]]) - 0.5) < 1e-3


def test_every_glyph_of_a_page_is_in_one_segment():
    page = render.draw(random.Random(3), "train")
    found = crops.segments(page)
    printed = sorted(chr(c) for c in page.glyphs["char"] if c != ord(" "))
    read = sorted("".join(segment.text.replace(" ", "") for segment in found))
    assert read == printed
    height, width = page.image.shape
    for segment in found:
        x0, y0, x1, y1 = segment.box
        assert -2 <= x0 < x1 <= width + 2 and -2 <= y0 < y1 <= height + 2


def test_a_wide_gap_parts_two_segments():
    page = texts.draw(random.Random(1))
    glyphs = page.glyphs[page.glyphs["line"] == 0].copy()
    middle = len(glyphs) // 2
    whole = len(crops.segments(type(page)(page.image, glyphs, {}, "lines")))
    glyphs["x0"][middle:] += 200
    glyphs["x1"][middle:] += 200
    parted = len(crops.segments(type(page)(page.image, glyphs, {}, "lines")))
    assert parted == whole + 1


def test_a_line_is_white_paper_and_black_ink():
    page = texts.draw(random.Random(2))
    segment = max(crops.segments(page), key=lambda segment: len(segment.text))
    line = data.framed(crops.cut(page.image, segment.box), None)
    assert line.shape[0] == data.HEIGHT
    assert abs(float(np.median(line))) < 0.1 and float(line.max()) > 0.9


def test_batches_hold_each_line_once():
    lines = data.page("texts", 5, "train")
    drawn = [line for chosen in data.batches(lines, random.Random(0), 4000) for line in chosen]
    assert sorted(map(id, drawn)) == sorted(map(id, lines))
    pictures, steps, classes, lengths, _ = data.batch(lines[:3], random.Random(0))
    assert pictures.shape[:3] == (3, 1, data.HEIGHT)
    assert int(steps.max()) * data.STEP <= pictures.shape[3] and sum(lengths) == len(classes)
    assert Recogniser()(pictures).shape == (3, pictures.shape[3] // data.STEP, alphabet.CLASSES)


def test_distance_counts_edits():
    assert measure.distance("TOTAL", "TOTAL") == 0
    assert measure.distance("TOTAL", "T0TAL ") == 2
    assert measure.distance("", "abc") == 3


def test_exported_weights_are_read_again(tmp_path):
    model = Recogniser().eval()
    nets.export(model, tmp_path / "reader.safetensors")
    again = nets.load(tmp_path / "reader.safetensors").eval()
    lines = torch.rand(2, 1, data.HEIGHT, 64)
    with torch.inference_mode():
        assert torch.allclose(model(lines), again(lines), atol=0.02)
