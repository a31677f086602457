"""Curves rise, and bring confidence to what is measured."""

import numpy as np

from receipt_nano.calibrate import confidence, curve, expected_calibration_error, kind_of, values


def test_a_curve_recovers_what_made_the_values() -> None:
    random = np.random.default_rng(1)
    logprobs = -random.exponential(1.0, 4000)
    truth = np.exp(2 * logprobs)  # a model twice too sure of itself
    right = (random.random(4000) < truth).astype(float)
    points = curve(logprobs[:2000], right[:2000])
    assert all(a[0] < b[0] and a[1] <= b[1] for a, b in zip(points, points[1:], strict=False))
    calibrated = expected_calibration_error(confidence(points, logprobs[2000:]), right[2000:])
    raw = expected_calibration_error(np.exp(logprobs[2000:]), right[2000:])
    assert calibrated < 0.04 < 0.1 < raw


def test_values_are_compared_with_the_truth_where_it_is_known() -> None:
    fields = ("/total_due", "/items/0/total", "/items/1/total", "/due_date", "/items/0/currency")
    reading = {
        "invoice": {"total_due": 5, "items": [{"total": 5.0}, {"total": 1}], "due_date": None},
        "meta": {"fields": {pointer: {"logprob": -1.0} for pointer in fields}},
    }
    found = values(reading, {"total_due": 5.001, "items": [{"total": 6}]})
    assert [v.right for v in found] == [True, False, False]


def test_kinds() -> None:
    kinds = [kind_of(p) for p in ("/items/0/details/1", "/due_date", "/items/3/quantity")]
    assert kinds == ["text", "date", "number"]
    assert kind_of("/items/0/category") == "choice"
