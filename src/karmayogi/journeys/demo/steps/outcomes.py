"""What follows from the history: profiles, levels stated, plans, work claimed and confirmed, figures published."""

from collections.abc import Callable

from karmayogi.competency import profile
from karmayogi.credentials import awards, keys
from karmayogi.journeys.demo import content
from karmayogi.journeys.demo.steps import roll
from karmayogi.journeys.demo.world import World
from karmayogi.learning import practice_log
from karmayogi.monitoring import indicators
from karmayogi.planning import options, plans
from karmayogi.planning.options import NewActivity

LOOKED_AT = (364, 182, 0)
"""Days before the demonstration's day on which profiles were brought up to date."""
PIECE = 1000


def load_profiles(world: World, tell: Callable[[int, int], None]) -> int:
    """Estimates as they stood a year ago, half a year ago and now; how many were written. Stands: nothing."""
    people = roll.call(world).people
    if profile.of(people[:PIECE]):
        return 0
    written = 0
    for place, days in enumerate(LOOKED_AT):
        tell(place, len(LOOKED_AT))
        written += profile.refresh(people, now=world.at(days))
    return written


def load_awards(world: World, tell: Callable[[int, int], None]) -> int:
    """Signed statements of every level earned by the rules; how many were new."""
    people = roll.call(world).people
    keys.ensure(now=world.now)
    issued = 0
    for start in range(0, len(people), PIECE):
        tell(start, len(people))
        issued += len(awards.consider(people[start : start + PIECE], now=world.now))
    return issued


def load_activities(world: World) -> int:
    """What plans may offer at work and with others; how many there are."""
    competencies = roll.competencies()
    told = content.read("activities.json")
    options.offer(
        NewActivity(
            competency=competencies[entry["competency"]],
            kind=entry["kind"],
            title=entry["title"]["en"],
            minutes=entry["minutes"],
            translations={language: text for language, text in entry["title"].items() if language != "en"},
        )
        for entry in told
    )
    return len(told)


def load_plans(world: World, tell: Callable[[int, int], None]) -> int:
    """A plan for everyone who needs one; how many were new."""
    people = roll.call(world).people
    made = 0
    for start in range(0, len(people), PIECE):
        tell(start, len(people))
        made += plans.make(people[start : start + PIECE], on=world.today, now=world.now)
    return made


def load_practice(world: World) -> int:
    """Three pieces of work in the log of the tour's section officer: confirmed, claimed, planned."""
    called, competencies = roll.call(world), roll.competencies()
    her, him = called.people[world.personas["meenakshi"]], called.people[world.personas["arvind"]]
    if practice_log.of([her]):
        return 0
    entries = (("noting-drafting", 0, 60), ("taking-responsibility", 0, 20), ("contract-management", 1, 6))
    told = [entry for entry in content.read("activities.json") if entry["kind"] == "on_job"]
    for number, (competency, place, days) in enumerate(entries):
        entry = [e for e in told if e["competency"] == competency][place]
        activity = practice_log.plan(
            her, by=him if number == 0 else her, kind="on_job", title=entry["title"]["en"], minutes=entry["minutes"],
            planned_on=world.at(days).date(), now=world.at(days + 10), competency=competencies[competency],
        )  # fmt: skip
        if number < 2:
            practice_log.claim(activity, by=her, done_on=world.at(days).date(), now=world.at(days - 1))
        if number == 0:
            practice_log.confirm(activity, by=him, now=world.at(days - 4))
    return len(entries)


def publish_figures(world: World) -> int:
    """The indicators of all bodies, as of the demonstration's day; how many of them there are."""
    indicators.publish(now=world.now)
    return len(indicators.catalogue())
