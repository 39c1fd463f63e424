"""Spans of days: joined, in common, taken away."""

import datetime as dt

from karmayogi.ehrms import spans


def day(n):
    return dt.date(2026, 1, n)


def test_adjoining_and_overlapping_spans_are_one():
    assert spans.joined([(day(5), day(7)), (day(1), day(3)), (day(3), day(4)), (day(6), spans.OPEN)]) == [
        (day(1), day(4)),
        (day(5), spans.OPEN),
    ]


def test_days_in_common():
    assert spans.common([(day(1), day(10))], [(day(3), day(4)), (day(8), spans.OPEN)]) == [
        (day(3), day(4)),
        (day(8), day(10)),
    ]


def test_days_taken_away_leave_a_piece_on_either_side():
    assert spans.without([(day(1), spans.OPEN)], [(day(3), day(4)), (day(8), day(9))]) == [
        (day(1), day(3)),
        (day(4), day(8)),
        (day(9), spans.OPEN),
    ]
    assert spans.without([(day(3), day(4))], [spans.ALWAYS]) == []
    assert spans.end(spans.span(day(1), None)[1]) is None
