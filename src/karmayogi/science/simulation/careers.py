"""Careers with known truth: abilities that drift, and evidence of several kinds on them over years."""

from dataclasses import dataclass

import numpy as np

from karmayogi.science import irt, pooling
from karmayogi.science.irt import Bools, Floats, Ints
from karmayogi.science.pooling import Drift, Pooled

YEAR = 365.25


@dataclass(frozen=True)
class Tests:
    """Short tests [T]: whose, when, and answers [T, I] to items with slopes `a` and difficulties `b`."""

    person: Ints
    day: Floats
    answers: Bools
    a: Floats
    b: Floats


@dataclass(frozen=True)
class Marks:
    """Ratings or marks [R] in logits: on whom, by whom, when, what it says, and what the rater's habit added."""

    person: Ints
    rater: Ints
    day: Floats
    value: Floats
    leniency: Floats
    noise_sd: float
    halo_sd: float


@dataclass(frozen=True)
class Careers:
    """People [N] with their true ability on the day `as_of`, the drift it followed, and all evidence up to then."""

    ability: Floats
    drift: Drift
    as_of: float
    tests: Tests
    ratings: Marks
    work: Marks

    def pooled(self) -> Pooled:
        """The states of all people on the day, from all three kinds of evidence by the rules of `pooling`."""
        parts = [(self.tests.person, self.tests.day, _of_tests(self.tests))]
        for marks in (self.ratings, self.work):
            said = pooling.rating_log_likelihoods(
                marks.person, marks.rater, marks.value, marks.leniency, day=marks.day, as_of=self.as_of,
                noise_sd=marks.noise_sd, halo_sd=marks.halo_sd, merge_days=30.0,
            )  # fmt: skip
            parts.append((said.group, said.day, said.log_likelihood))
        person, day, likelihood = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        return pooling.pool(
            person, day, likelihood, groups=len(self.ability), as_of=self.as_of, drift=self.drift
        )


def simulate(
    rng: np.random.Generator,
    *,
    people: int = 2_000,
    years: float = 8.0,
    half_life_days: float = 3 * YEAR,
    tests: int = 2,
    items: int = 12,
    visits: int = 3,
    answers: int = 4,
    pieces: int = 1,
) -> Careers:
    """Careers of `years`, each with so many tests, visits of raters and pieces of marked work at random days.

    At a visit a rater gives `answers` values that share one halo; a piece of work has one mark each of two markers.
    Abilities follow an Ornstein-Uhlenbeck process around N(0.2, 1.1) with the half-life given, and are looked at on
    the last day.
    """
    drift = Drift.of_half_life(0.2, 1.1, days=half_life_days)
    as_of = years * YEAR
    events = tests + visits + pieces
    days = np.concatenate([rng.uniform(0.0, as_of, (people, events)), np.full((people, 1), as_of)], axis=1)
    ability = walked(rng, days, drift)
    who = np.arange(people)
    a, b = rng.lognormal(0.2, 0.3, items), rng.normal(0.0, 1.0, items)
    tested = ability[:, :tests].ravel()
    right = rng.random((len(tested), items)) < irt.chance(tested, a, b)
    seen = slice(tests, tests + visits)
    done = slice(tests + visits, events)
    return Careers(
        ability[:, -1],
        drift,
        as_of,
        Tests(np.repeat(who, tests), days[:, :tests].ravel(), right, a, b),
        _marks(rng, ability[:, seen], days[:, seen], raters=1, answers=answers, noise_sd=1.0, halo_sd=0.6),
        _marks(rng, ability[:, done], days[:, done], raters=2, answers=1, noise_sd=0.5, halo_sd=0.35),
    )


def walked(rng: np.random.Generator, days: Floats, drift: Drift) -> Floats:
    """True abilities [N, D] on each person's days [N, D] (in any order), started at rest in the cohort."""
    order = np.argsort(days, axis=1, kind="stable")
    mean, sd, rate = (float(np.asarray(value)) for value in (drift.mean, drift.sd, drift.rate_per_day))
    found = np.empty(days.shape)
    rows = np.arange(len(days))
    at = rng.normal(mean, sd, len(days))
    before = days[rows, order[:, 0]]
    for place in order.T:
        kept = np.exp(-rate * (days[rows, place] - before))
        at = mean + (at - mean) * kept + rng.normal(size=len(days)) * sd * np.sqrt(1.0 - kept**2)
        found[rows, place], before = at, days[rows, place]
    return found


def _marks(
    rng: np.random.Generator,
    ability: Floats,
    days: Floats,
    *,
    raters: int,
    answers: int,
    noise_sd: float,
    halo_sd: float,
) -> Marks:
    """So many raters at every visit [N, V], each with a habit that is known, a halo of the visit, and answers."""
    visits = ability.size
    rater = rng.integers(0, 200, (visits, 1)) * 2 + np.arange(raters)
    habits = rng.normal(0.0, 0.5, 400)
    halo = rng.normal(0.0, halo_sd, (visits, raters))
    said = ability.reshape(-1, 1) + halo + habits[rater]
    value = said[..., None] + rng.normal(0.0, noise_sd, (visits, raters, answers))
    person = np.repeat(np.arange(len(ability)), ability.shape[1] * raters * answers)
    rater = np.repeat(rater.ravel(), answers)
    day = np.repeat(days.ravel(), raters * answers)
    return Marks(person, rater, day, value.ravel(), habits[rater], noise_sd, halo_sd)


def _of_tests(tests: Tests) -> Floats:
    return irt.log_likelihoods(tests.answers.astype(np.int8), tests.a, tests.b)
