import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from karmayogi.competency import calibrations, frameworks, profile
from karmayogi.institutions import people
from karmayogi.journeys import import_responses
from karmayogi.policy import rules
from karmayogi.registry.acting import as_worker
from karmayogi.standards.tables import UnreadableFile

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 1, 5, 10, tzinfo=dt.UTC)
DATA = Path(__file__).parents[4] / "shared/data/responses/edm_items_ecpe.csv"


@pytest.fixture(autouse=True)
def _house_rules() -> None:
    with as_worker():
        rules.issue(rules.HOUSE_DEFAULTS)


def _files(folder: Path, *, persons: int = 60) -> Path:
    chance = np.random.default_rng(7)
    ability = chance.normal(size=(persons, 1))
    right = chance.random((persons, 6)) < 1 / (1 + np.exp(-(ability - np.linspace(-1, 1, 6))))
    lines = [",".join(f"I{n}" for n in range(6)), *(",".join(str(int(c)) for c in row) for row in right)]
    path = folder / "some_items_tiny.csv"
    path.write_text("\n".join(lines) + "\n")
    (folder / "some_qmatrix_tiny.csv").write_text("A,B\n" + "1,0\n" * 3 + "0,1\n" * 3)
    return path


def test_each_skill_is_calibrated_and_each_person_scored_once(tmp_path: Path) -> None:
    path = _files(tmp_path)
    result = import_responses.run(path, now=NOW)
    assert (result.read, result.accepted, result.new) == (60, 60, 60)
    with as_worker():
        cards = frameworks.competencies(framework="responses-some-tiny")
        person = people.by_logins(["some-tiny-0001"])["some-tiny-0001"]
        estimates = profile.of([person.id])[person.id]
        assert calibrations.current().number == 1
    assert {card.id for card in cards} == set(estimates)
    assert person.employee_code is None
    again = import_responses.run(path, now=NOW)
    assert (again.new, again.changed, again.same) == (0, 0, 60)
    with as_worker():
        assert calibrations.current().number == 1


def test_a_row_with_a_score_that_is_none_is_set_aside_whole(tmp_path: Path) -> None:
    path = _files(tmp_path)
    lines = path.read_text().splitlines()
    lines[3] = "1,2,0,x,1,1"
    lines[5] = "1,0"
    path.write_text("\n".join(lines) + "\n")
    result = import_responses.run(path, now=NOW)
    assert (result.read, result.accepted, result.quarantined) == (60, 58, 2)
    assert [(p.row, p.column, p.value) for p in result.problems] == [
        (4, "I1", "2"),
        (4, "I3", "x"),
        (6, "I2", ""),
    ]


def test_responses_without_their_matrix_are_refused(tmp_path: Path) -> None:
    path = _files(tmp_path)
    (tmp_path / "some_qmatrix_tiny.csv").unlink()
    with pytest.raises(UnreadableFile, match="--needs"):
        import_responses.run(path, now=NOW)


@pytest.mark.needs(DATA.exists(), "the real file is not here")
def test_the_real_responses_give_every_person_an_estimate() -> None:
    first = import_responses.run(DATA, now=NOW)
    assert first.read == first.accepted + first.quarantined == 2922
    with as_worker():
        logins = [import_responses.login("ecpe", n) for n in range(1, 2923)]
        ids = [card.id for card in people.by_logins(logins).values()]
        estimates = profile.of(ids)
    assert len(estimates) == 2922
    sds = [e.sd for held in estimates.values() for e in held.values()]
    assert 0.3 < float(np.mean(sds)) < 0.9
    assert import_responses.run(DATA, now=NOW + dt.timedelta(minutes=1)).new == 0
