"""Competency frameworks in JSON."""

import json
from pathlib import Path

import pytest

from karmayogi.standards import framework, tables

FILE = (
    Path(__file__).parents[3].parent / "shared/data/framework/uk_civil_service_competency_framework_2012.json"
)
REAL = [FILE] if FILE.exists() else []


def one(**levels):
    body = {"title": "C", "description": "d", **levels}
    return json.dumps({"title": "F", "competencies": {"k": [{"c": [body], "title": "K"}]}}).encode()


def test_levels_come_in_order_and_a_one_sided_pair_is_a_problem():
    pair = {"effective": "does", "ineffective": "does not"}
    read = framework.read(one(level2=[pair], level1=[pair, {"effective": "only"}], levelx=[pair]))
    (competency,) = read.clusters[0].competencies
    assert [(level.number, len(level.indicators)) for level in competency.levels] == [(1, 1), (2, 1)]
    assert [problem.column for problem in read.problems] == ["k/c/level1", "k/c/levelx"]


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff\xfe", b'{"competencies": 3}'])
def test_what_is_not_a_framework_is_refused(content):
    with pytest.raises(tables.UnreadableFile):
        framework.read(content)


@pytest.mark.parametrize("path", REAL)
def test_the_real_framework_has_ten_competencies_six_levels_and_335_pairs(path):
    read = framework.read(path.read_bytes())
    competencies = [competency for cluster in read.clusters for competency in cluster.competencies]
    assert (len(read.clusters), len(competencies), read.problems) == (3, 10, ())
    assert {len(competency.levels) for competency in competencies} == {6}
    assert sum(len(level.indicators) for competency in competencies for level in competency.levels) == 335
