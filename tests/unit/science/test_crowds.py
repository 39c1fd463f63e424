"""The states of many at once are the states of each."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karmayogi.science import irt, pooling
from karmayogi.science.pooling import Drift

FIELDS = ("means", "sds", "information")


def messages(seed: int, count: int, groups: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    day = rng.integers(0, 60, count) * 20.0
    return {
        "group": rng.integers(0, groups, count), "day": day, "mean": rng.normal(size=count),
        "sd": rng.uniform(0.5, 2.0, count), "expires": np.where(rng.random(count) < 0.3, np.nan, day + 300.0),
    }  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 40))
def test_normal_messages_give_what_the_grid_gives(seed: int, count: int) -> None:
    rows = messages(seed, count, 5)
    drift = Drift(0.2, 1.1, np.array([0.0, 0.001, 0.002, 0.01, 0.0005]))
    exact = pooling.pool_normals(**rows, groups=5, as_of=1000.0, drift=drift)
    likelihoods = pooling.normal_log_likelihoods(rows.pop("mean"), rows.pop("sd"))
    grid = pooling.pool(**rows, log_likelihood=likelihoods, groups=5, as_of=1000.0, drift=drift)  # type: ignore[arg-type]
    for name in FIELDS:
        assert getattr(exact, name) == pytest.approx(getattr(grid, name), abs=1e-6)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40))
def test_parts_of_normal_messages_are_those_of_the_grid(seed: int, count: int) -> None:
    rows = messages(seed, count, 3)
    drift = Drift(-0.2, 0.9, 0.001)
    exact = pooling.attribute_normals(**rows, groups=3, as_of=1000.0, drift=drift)
    likelihoods = pooling.normal_log_likelihoods(rows.pop("mean"), rows.pop("sd"))
    grid = pooling.attribute(**rows, log_likelihood=likelihoods, groups=3, as_of=1000.0, drift=drift)  # type: ignore[arg-type]
    for name in ("shift", "weight", "variance", "information"):
        assert getattr(exact, name) == pytest.approx(getattr(grid, name), abs=1e-6)


def test_rows_in_any_order_give_the_bytes_of_rows_in_order() -> None:
    rows = messages(3, 500, 20)
    rows["day"] = np.random.default_rng(1).permutation(500).astype(float)
    order = np.lexsort((rows["day"], rows["group"]))
    wanted = {"groups": 20, "as_of": 400.0, "drift": Drift(0.0, 1.0, 0.001)}
    one = pooling.pool_normals(**rows, **wanted)
    two = pooling.pool_normals(**{name: column[order] for name, column in rows.items()}, **wanted)
    for name in FIELDS:
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes()


def test_chunks_of_any_size_give_what_one_call_gives_and_ask_for_few_rows_at_a_time() -> None:
    rng = np.random.default_rng(4)
    group, day = rng.integers(0, 30, 400), rng.integers(0, 900, 400).astype(float)
    rows = irt.log_likelihoods(rng.integers(-1, 2, (400, 5)).astype(np.int8), np.ones(5), rng.normal(size=5))
    expires, drift = day + 300.0, Drift(rng.normal(size=30), 1.0, 0.001)
    whole = pooling.pool(group, day, rows, groups=30, as_of=800.0, drift=drift, expires=expires)
    asked = []

    def likelihoods_of(events: np.ndarray) -> np.ndarray:
        asked.append(len(events))
        return rows[events]

    chunked = pooling.pool_by_chunk(
        group, day, likelihoods_of, groups=30, as_of=800.0, drift=drift, expires=expires, rows=60
    )
    for name in FIELDS:
        assert getattr(chunked, name) == pytest.approx(getattr(whole, name), abs=1e-12)
    assert max(asked) <= 60
    assert sum(asked) == 400


def test_a_hundred_thousand_groups_take_well_under_a_second() -> None:
    group = np.repeat(np.arange(100_000), 10)
    day, mean, sd = np.tile(np.arange(10.0), 100_000), np.ones(1_000_000), np.ones(1_000_000)
    wanted = {"groups": 100_000, "as_of": 10.0, "drift": Drift(0.0, 1.0, 0.001)}
    pooling.pool_normals(
        group[:10], day[:10], mean[:10], sd[:10], groups=1, as_of=10.0, drift=wanted["drift"]
    )  # type: ignore[arg-type]
    before = time.process_time()
    state = pooling.pool_normals(group, day, mean, sd, **wanted)  # type: ignore[arg-type]
    assert time.process_time() - before < 1.0
    assert np.ptp(state.means) == 0.0


def test_an_infinite_sd_says_nothing() -> None:
    state = pooling.pool_normals(
        np.array([0]),
        np.array([1.0]),
        np.array([3.0]),
        np.array([np.inf]),
        groups=1,
        as_of=1.0,
        drift=Drift(0.0, 1.0, 0.0),
    )
    assert (state.means[0], state.sds[0], state.information[0]) == (0.0, 1.0, 0.0)


G, D, M, S = np.array([0, 1]), np.array([1.0, 2.0]), np.array([0.0, 1.0]), np.array([1.0, 1.0])
STEADY = Drift(0.0, 1.0, 0.0)


@pytest.mark.parametrize(
    ("group", "day", "mean", "sd", "drift", "says"),
    [
        (np.array([0, 2]), D, M, S, STEADY, "0 to 1"),
        (np.array([0.0, 1.0]), D, M, S, STEADY, "whole"),
        (G[:1], D, M, S, STEADY, "shape"),
        (G, np.array([1.0, np.nan]), M, S, STEADY, "day"),
        (G, D, np.array([np.nan, 1.0]), S, STEADY, "mean"),
        (G, D, M, np.array([1.0, 0.0]), STEADY, "sd"),
        (G, D, M, np.array([1.0, np.nan]), STEADY, "sd"),
        (G, D, M, S, Drift(0.0, 0.0, 0.0), "cohort"),
        (G, D, M, S, Drift(np.zeros(3), 1.0, 0.0), "arrays of 2"),
        (G, D, M, S, Drift(0.0, 1.0, -0.1), "forgetting"),
    ],
)
def test_rows_that_cannot_be_read_are_refused(group, day, mean, sd, drift, says) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(pooling.EvidenceMalformed, match=says):
        pooling.pool_normals(group, day, mean, sd, groups=2, as_of=5.0, drift=drift)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_likelihoods_that_are_none_are_refused(bad: float) -> None:
    rows = np.zeros((2, 121))
    rows[1, 60] = bad
    with pytest.raises(pooling.EvidenceMalformed, match=r"\[1\]"):
        pooling.pool(G, D, rows, groups=2, as_of=5.0, drift=STEADY)
    with pytest.raises(pooling.EvidenceMalformed, match="impossible"):
        pooling.pool(G, D, np.full((2, 121), -np.inf), groups=2, as_of=5.0, drift=STEADY)
    with pytest.raises(pooling.EvidenceMalformed, match="121"):
        pooling.pool(G, D, np.zeros((2, 120)), groups=2, as_of=5.0, drift=STEADY)


def test_a_day_that_is_none_and_ends_that_do_not_fit_are_refused() -> None:
    wanted = {"groups": 2, "drift": STEADY}
    for pooled in (
        lambda **more: pooling.pool_normals(G, D, M, S, **wanted, **more),
        lambda **more: pooling.pool(G, D, np.zeros((2, 121)), **wanted, **more),
        lambda **more: pooling.attribute(G, D, np.zeros((2, 121)), **wanted, **more),
    ):
        with pytest.raises(pooling.EvidenceMalformed, match="asked for"):
            pooled(as_of=np.nan)
        with pytest.raises(pooling.EvidenceMalformed, match="expires"):
            pooled(as_of=1.0, expires=np.zeros(3))


def test_a_hundred_thousand_rows_of_one_group_from_last_to_first_are_read_at_once() -> None:
    day = np.arange(100_000.0)[::-1]
    wanted = {"groups": 1, "as_of": 1e6, "drift": Drift(0.0, 1.0, 0.0)}
    rows = (np.zeros(100_000, int), day, np.sin(day), np.ones(100_000))
    before = time.process_time()
    state = pooling.pool_normals(*rows, **wanted)  # type: ignore[arg-type]
    assert time.process_time() - before < 1.0
    forth = pooling.pool_normals(rows[0], day[::-1], np.sin(day[::-1]), rows[3], **wanted)  # type: ignore[arg-type]
    assert state.means.tobytes() == forth.means.tobytes()
