"""Foreign bytes are read by a process that has little, holds nothing, and ends: each limit is met on purpose."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from karmayogi.registry import apart

HERE = Path(__file__).parent
TIGHT = apart.Limits(memory=128 * 2**20, seconds=1, patience=300.0, answer=4096)
"""Patient, so that a busy machine makes nobody look like a sleeper."""


def read(reader, content=b"bytes", *, limits=TIGHT):
    return apart.read(f"greedy:{reader}", content, limits=limits, source=HERE)


def test_an_honest_reader_tells_what_it_read():
    assert read("honest") == {"bytes": 5}


def test_what_a_reader_refuses_is_said_in_its_words():
    with pytest.raises(apart.Unread, match="too short"):
        read("refusing")


@pytest.mark.parametrize("reader", ["memory", "processor", "talk", "crash", "fault", "many_files"])
def test_a_reader_that_goes_beyond_its_limits_ends_and_takes_nothing_with_it(reader):
    with pytest.raises(apart.Unread, match="limits"):
        read(reader)


def test_a_reader_that_only_waits_is_ended():
    with pytest.raises(apart.Unread, match="too long"):
        read("sleep", limits=replace(TIGHT, patience=1.0))


def test_a_reader_writes_no_file(tmp_path):
    left = tmp_path / "left"
    with pytest.raises(apart.Unread):
        read("write", str(left).encode())
    assert not left.exists() or left.read_bytes() == b""


def test_a_reader_finds_nothing_of_ours(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    kept = [os.open(__file__, os.O_RDONLY) for _ in range(9)]
    try:
        found = read("look_about")
    finally:
        for handle in kept:
            os.close(handle)
    assert found["at"] == "/"
    assert "DATABASE_URL" not in found["environment"]
    assert found["open"] <= 5


def test_a_reader_without_limits_would_be_caught(monkeypatch, tmp_path):
    """Planted bug: the child that sets no limits reads on, where the true one ends."""
    careless = tmp_path / "child.py"
    careless.write_text(apart.CHILD.read_text().replace("    limit(", "    (lambda **_: None)("))
    monkeypatch.setattr(apart, "CHILD", careless)
    assert read("memory") == 2**30
    assert read("many_files") == 200
