"""The lines of the page reader: what is cut out of a page, its text, and its classes."""

import random

import numpy as np
import onnxruntime
import torch

from page_reader import alphabet, crops, data, export, measure, pages, texts, train
from page_reader.detector import CELL, Detector, Found
from page_reader.loop import Loop
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


def test_worn_lines_keep_their_size_and_some_of_their_ink():
    page = texts.draw(random.Random(2))
    segment = max(crops.segments(page), key=lambda segment: len(segment.text))
    line = crops.cut(page.image, segment.box)
    for wear in (data.coarse, data.patchy):
        for seed in range(20):
            found = wear(line, random.Random(seed))
            assert found.shape == line.shape and found.dtype == line.dtype
            assert 0.3 < (255 - found.astype(float)).sum() / (255 - line.astype(float)).sum() < 1.1


def test_places_count_at_first_where_a_run_begins_with_nothing(tmp_path):
    lines = data.page("texts", 5, "train")
    data.write(tmp_path / "texts-train-0000.pickle", lines)
    torch.manual_seed(0)
    model = Recogniser().eval()
    loop = Loop(model, 1.0, 1e-3, tmp_path / "state.pt", None)

    def first(seen: int, is_placed: bool) -> torch.Tensor:
        loop.seen = seen
        return next(train.of_lines(model, tmp_path, random.Random(0), loop, is_placed))[0]

    bare = first(0, False)
    bare.backward()
    assert model.features[0].weight.grad.abs().sum() > 0
    assert first(0, True) > first(train.PLACED // 2, True) > bare
    assert first(train.PLACED, True) == bare


def test_batches_hold_each_line_once():
    lines = data.page("texts", 5, "train")
    drawn = [line for chosen in data.batches(lines, random.Random(0), 4000) for line in chosen]
    assert sorted(map(id, drawn)) == sorted(map(id, lines))
    batch = data.batch(lines[:3], random.Random(0))
    width = batch.pictures.shape[3]
    assert batch.pictures.shape[:3] == (3, 1, data.HEIGHT)
    assert int(batch.steps.max()) * data.STEP <= width
    assert int(batch.lengths.sum()) == len(batch.classes)
    assert Recogniser()(batch.pictures).shape == (3, width // data.STEP, alphabet.CLASSES)


def test_characters_stand_at_their_places():
    line = max(data.page("texts", 5, "train"), key=lambda line: len(line.classes))
    frames = data.batch([line], None).frames[0].tolist()
    assert alphabet.decode(frames).replace(" ", "") == alphabet.decode(
        [step for number in line.classes for step in (number, 0)]
    ).replace(" ", "")


def test_distance_counts_edits():
    assert measure.distance("TOTAL", "TOTAL") == 0
    assert measure.distance("TOTAL", "T0TAL ") == 2
    assert measure.distance("", "abc") == 3


def test_the_core_lies_within_its_line_and_leads_to_its_edges():
    upper, lower = np.array([[40.0, 60.0], [200.0, 60.0]]), np.array([[40.0, 84.0], [200.0, 84.0]])
    core, up, down, counts = pages.target([(upper, lower)], (128, 256))
    rows, columns = np.nonzero(core)
    assert counts.all() and len(rows) > 0
    assert 64 <= rows.min() * CELL and (rows.max() + 1) * CELL <= 80
    assert 40 < columns.min() * CELL and (columns.max() + 1) * CELL < 200
    middles = (rows + 0.5) * CELL
    assert np.allclose(middles - up[rows, columns], 60, atol=0.1)
    assert np.allclose(middles + down[rows, columns], 84, atol=0.1)


def test_lines_too_small_to_read_do_not_count():
    upper, lower = np.array([[8.0, 20.0], [90.0, 20.0]]), np.array([[8.0, 24.4], [90.0, 24.4]])
    core, _, _, counts = pages.target([(upper, lower)], (64, 128))
    assert not core.any() and not counts.all()


def test_windows_have_one_size_and_ink_in_their_lines():
    sheet = pages.page("receipts", 4, "train")
    pictures, wanted = pages.batch([sheet] * 4, random.Random(0))
    assert pictures.shape == (4, 1, *pages.WINDOW)
    cells = pictures.reshape(4, pages.WINDOW[0] // CELL, CELL, pages.WINDOW[1] // CELL, CELL)
    ink = cells.amax((2, 4))
    core = wanted[:, 0] > 0
    assert float(ink[core].mean()) > float(ink[~core].mean()) + 0.3


def test_a_run_goes_on_where_it_stopped(tmp_path):
    def losses(model: torch.nn.Module, count: int):
        for _ in range(count):
            yield model(torch.ones(2, 4)).square().mean(), 2

    torch.manual_seed(0)
    model = torch.nn.Linear(4, 1)
    first = Loop(model, 1.0, 1e-3, tmp_path / "state.pt", None)
    first.run(losses(model, 3))
    again = torch.nn.Linear(4, 1)
    second = Loop(again, 1.0, 1e-3, tmp_path / "state.pt", tmp_path / "state.pt")
    assert torch.equal(model.weight, again.weight)
    assert (second.steps, second.seen, second.spent) == (3, 6, first.spent)


def test_exported_nets_answer_as_the_trained_ones(tmp_path):
    recogniser, detector = Recogniser(), Detector()
    for net in (recogniser, detector):
        torch.save({"model": net.state_dict()}, tmp_path / f"{type(net).__name__}.pt")
    states = (tmp_path / "Recogniser.pt", tmp_path / "Detector.pt")
    export.folder(*states, tmp_path / "reader")
    lines, page = torch.rand(3, 1, data.HEIGHT, 88), torch.rand(1, 1, 96, 64)
    for name, net, given in (
        ("recognition", recogniser.eval(), lines),
        ("detection", Found(detector).eval(), page),
    ):
        session = onnxruntime.InferenceSession(tmp_path / "reader" / f"{name}.onnx")
        (answer,) = session.run(None, {session.get_inputs()[0].name: given.numpy()})
        with torch.inference_mode():
            assert np.allclose(answer, net(given).numpy(), atol=1e-4)
    written = (tmp_path / "reader" / "characters.txt").read_text(encoding="utf-8")
    assert len(written) + 1 == alphabet.CLASSES
