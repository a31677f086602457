"""Curves rise, and bring confidence to what is measured."""

import numpy as np

from receipt_nano.calibrate import (
    NAMES,
    Value,
    confidence,
    curve,
    expected_calibration_error,
    features,
    kind_of,
    values,
    weighed,
    weights,
)


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
        "meta": {
            "fields": {pointer: {"logprob": -1.0, "printed": "missing"} for pointer in fields},
            "checks": [
                {"name": "total_adds_up", "passed": True, "fields": ["/total_due"]},
                {"name": "items_make_subtotal", "passed": False, "fields": ["/items/0/total"]},
                {"name": "is_printed", "passed": False, "fields": ["/total_due"]},
            ],
        },
    }
    reading["meta"]["fields"]["/total_due"] |= {
        "printed": "printed",
        "evidence": [{"confidence": 0.75}],
    }
    found = values(reading, {"total_due": 5.001, "items": [{"total": 6}]})
    assert [v.right for v in found] == [True, False, False]
    assert [v.standing for v in found] == ["printed", "missing", "missing"]
    assert [v.read for v in found] == [0.75, 1.0, 1.0]
    assert [v.passed for v in found] == [True, False, None]


def test_weights_of_evidence_recover_what_made_the_values() -> None:
    random = np.random.default_rng(2)
    points = [(-3.0, 0.05), (0.0, 0.9)]
    made = []
    for _ in range(4000):
        logprob = -float(random.exponential(1.0))
        sure = float(confidence(points, np.array([logprob]))[0])
        odds = sure / (1 - sure)
        printed = random.random() < 0.6
        odds *= 3.0 if printed else 0.1
        right = random.random() < odds / (1 + odds)
        made.append(Value("number", logprob, right, "printed" if printed else "missing", 1.0, None))
    rows = features(made, points)
    right = np.array([v.right for v in made], float)
    found = weights(rows[:2000], right[:2000])
    gap = found[NAMES.index("printed")] - found[NAMES.index("missing")]
    assert abs(gap - np.log(30)) < 0.5
    error = expected_calibration_error(weighed(rows[2000:], found), right[2000:])
    assert error < 0.04


def test_kinds() -> None:
    kinds = [kind_of(p) for p in ("/items/0/details/1", "/due_date", "/items/3/quantity")]
    assert kinds == ["text", "date", "number"]
    assert kind_of("/items/0/category") == "choice"
