"""The sanctioned posts of the miniature: what each body is staffed with, and who reports to whom.

Staffing is written as teams: a head and what works under that head. Numbers are ours; grades follow the pay levels
of the Central Civil Services (Revised Pay) Rules, 2016.
"""

import datetime as dt
from dataclasses import dataclass

from karmayogi.journeys.demo.bodies import BODIES


@dataclass(frozen=True)
class DemoPost:
    """A seat; `tier` is its distance from the head of its top body, `reports_to` the code of another post."""

    code: str
    body: str
    designation: str
    position: str
    level: int
    tier: int
    reports_to: str | None
    sensitive: bool = False


@dataclass(frozen=True)
class Seat:
    """A kind of seat: its mark in post codes, designation, position key and pay level."""

    mark: str
    designation: str
    position: str
    level: int


@dataclass(frozen=True)
class Team:
    """A head and those under the head: seats with their numbers, and teams of their own."""

    head: Seat
    seats: tuple[tuple[Seat, int], ...] = ()
    teams: tuple[tuple["Team", int], ...] = ()


SECRETARY = Seat("SECY", "Secretary", "director-general", 17)
CHIEF = Seat("CS", "Chief Secretary", "director-general", 17)
SPECIAL = Seat("SS", "Special Secretary", "director-general", 16)
ADDITIONAL = Seat("AS", "Additional Secretary", "director-general", 15)
JOINT = Seat("JS", "Joint Secretary", "director-general", 14)
DIRECTOR_PROCUREMENT = Seat("DIR-PROC", "Director (Procurement)", "director-procurement", 13)
DS_SCHEMES = Seat("DS", "Deputy Secretary (Schemes)", "ds-schemes", 12)
MANAGER = Seat("PM", "Programme Manager", "programme-manager", 11)
US_ADMIN = Seat("US", "Under Secretary (Administration)", "us-administration", 11)
US_PROCUREMENT = Seat("US-PROC", "Under Secretary (Procurement)", "us-administration", 11)
TRAINER = Seat("TRAIN", "Training Manager", "training-manager", 11)
SENIOR_SO_PROCUREMENT = Seat("SSO-PROC", "Senior Section Officer (Procurement)", "so-procurement", 9)
SO_PROCUREMENT = Seat("SO-PROC", "Section Officer (Procurement)", "so-procurement", 8)
SO_GRIEVANCES = Seat("SO-PG", "Section Officer (Public Grievances)", "so-grievances", 8)
SO_ACCOUNTS = Seat("SO-ACC", "Section Officer (Accounts)", "so-accounts", 8)
SO_ESTABLISHMENT = Seat("SO-EST", "Section Officer (Establishment)", "so-establishment", 8)
ASO = Seat("ASO", "Assistant Section Officer", "assistant-secretariat", 7)
ASO_PROCUREMENT = Seat("ASO-PROC", "Assistant Section Officer (Procurement)", "assistant-procurement", 7)
STORES = Seat("STORES", "Stores Officer", "stores-officer", 7)
ACCOUNTS = Seat("AO", "Accounts Officer", "accounts-officer", 10)
ANALYST = Seat("DATA", "Data Analyst", "data-analyst", 7)
GRIEVANCE_OFFICER = Seat("GRO", "Grievance Redress Officer", "grievance-officer", 11)
COUNTER = Seat("COUNTER", "Service Counter Assistant", "service-counter-operator", 4)
ENGINEER = Seat("EE", "Executive Engineer", "executive-engineer", 11)
JUNIOR_ENGINEER = Seat("JE", "Junior Engineer (Civil)", "junior-engineer", 6)
BDO = Seat("BDO", "Block Development Officer", "block-development-officer", 10)
PANCHAYAT_INSPECTOR = Seat("PI", "Panchayat Inspector", "panchayat-inspector", 6)
PANCHAYAT_SECRETARY = Seat("PSECY", "Panchayat Secretary", "panchayat-secretary", 4)
DISTRICT_OFFICER = Seat("DO", "District Officer", "district-officer", 12)
INSPECTOR = Seat("SHO", "Police Station Head", "grievance-officer", 7)
CONSTABLE = Seat("PC", "Police Constable", "police-constable", 3)
FACULTY = Seat("FAC", "Faculty Member", "institute-faculty", 12)
INSTITUTE_HEAD = Seat("DIR", "Director of Institute", "institute-director", 14)

_PROCUREMENT = Team(
    DIRECTOR_PROCUREMENT,
    ((ANALYST, 2), (STORES, 3)),
    ((Team(US_PROCUREMENT, ((SO_PROCUREMENT, 3), (STORES, 2), (ASO_PROCUREMENT, 4))), 2),),
)
_SCHEMES = Team(
    DS_SCHEMES,
    ((ANALYST, 3),),
    ((Team(MANAGER, ((ANALYST, 2), (ASO, 5))), 3),),
)
_HOUSE = Team(US_ADMIN, ((SO_ESTABLISHMENT, 1), (SO_ACCOUNTS, 1), (ASO, 5), (COUNTER, 2)))
_MONEY = Team(ACCOUNTS, ((SO_ACCOUNTS, 1), (ASO, 5), (ANALYST, 1)))
_COMPLAINTS = Team(GRIEVANCE_OFFICER, ((SO_GRIEVANCES, 4), (ASO, 3), (COUNTER, 2)))
_BLOCK = Team(BDO, ((PANCHAYAT_INSPECTOR, 3), (PANCHAYAT_SECRETARY, 7)))
_DIVISION = Team(ENGINEER, ((JUNIOR_ENGINEER, 8), (STORES, 1), (COUNTER, 1)))
_STATION = Team(INSPECTOR, ((CONSTABLE, 11),))

STAFFING: dict[str, Team] = {
    "council": Team(ADDITIONAL, ((ANALYST, 3), (ASO, 3))),
    "commission": Team(
        ADDITIONAL,
        ((JOINT, 1), (TRAINER, 2)),
        ((Team(MANAGER, ((ANALYST, 6), (ASO, 3))), 2), (_HOUSE, 1)),
    ),
    "spv": Team(
        INSTITUTE_HEAD,
        ((TRAINER, 1),),
        ((Team(MANAGER, ((ANALYST, 7), (COUNTER, 2))), 2), (_HOUSE, 1), (_MONEY, 1)),
    ),
    "ministry": Team(SECRETARY, ((ADDITIONAL, 1), (JOINT, 1), (TRAINER, 2), (US_ADMIN, 1), (ANALYST, 2))),
    "secretariat": Team(
        SPECIAL,
        ((TRAINER, 1), (ANALYST, 1)),
        ((_PROCUREMENT, 1), (_SCHEMES, 2), (_HOUSE, 1), (_MONEY, 1)),
    ),
    "grievances": Team(
        SPECIAL,
        ((TRAINER, 1), (ANALYST, 1)),
        ((_PROCUREMENT, 1), (_HOUSE, 1), (_MONEY, 1), (_COMPLAINTS, 6)),
    ),
    "counter": Team(GRIEVANCE_OFFICER, ((ANALYST, 2),), ((_COMPLAINTS, 6),)),
    "works": Team(
        ADDITIONAL,
        ((TRAINER, 1),),
        ((_DIVISION, 7), (_MONEY, 1), (Team(US_PROCUREMENT, ((ASO_PROCUREMENT, 5), (STORES, 3))), 1)),
    ),
    "field": Team(
        ADDITIONAL,
        ((TRAINER, 1), (ANALYST, 1)),
        ((_BLOCK, 6), (_MONEY, 1)),
    ),
    "state": Team(CHIEF, ((TRAINER, 2), (ANALYST, 2), (US_ADMIN, 1))),
    "police-hq": Team(ADDITIONAL, ((TRAINER, 1), (ANALYST, 2)), ((_HOUSE, 1), (_MONEY, 1), (_COMPLAINTS, 1))),
    "district": Team(
        DISTRICT_OFFICER,
        ((ANALYST, 1),),
        ((_BLOCK, 7), (_COMPLAINTS, 1), (_DIVISION, 1)),
    ),
    "police": Team(DISTRICT_OFFICER, ((ANALYST, 1),), ((_STATION, 10),)),
    "institute": Team(INSTITUTE_HEAD, ((TRAINER, 1), (FACULTY, 7)), ((_HOUSE, 1),)),
    "provider": Team(INSTITUTE_HEAD, ((FACULTY, 4), (ANALYST, 1))),
}
"""Plan -> staffing. A top body's own office comes first; a lower body's head reports to the head above it."""

VACANCY = "MORD-1/SSO-PROC-1"
"""The vacant seat of the demonstration, one pay level above the section officers of the ministry."""


def sanctioned() -> list[DemoPost]:
    """All seats, heads before those who report to them."""
    made: list[DemoPost] = []
    heads: dict[str, DemoPost] = {}
    for body in BODIES:
        if not body.plan:
            continue
        above = heads.get(body.parent or "")
        counter: dict[str, int] = {}
        found = list(_seats(body.code, STAFFING[body.plan], above, counter))
        heads[body.code] = found[0]
        made += found
    director = next(p for p in made if p.body == "MORD-1" and p.position == "director-procurement")
    seat = SENIOR_SO_PROCUREMENT
    made.append(
        DemoPost(
            VACANCY,
            "MORD-1",
            seat.designation,
            seat.position,
            seat.level,
            director.tier + 1,
            director.code,
            True,
        )
    )
    return made


def _seats(body: str, team: Team, above: DemoPost | None, counter: dict[str, int]) -> list[DemoPost]:
    head = _post(body, team.head, above, counter)
    made = [head]
    for seat, times in team.seats:
        made += [_post(body, seat, head, counter) for _ in range(times)]
    for under, times in team.teams:
        for _ in range(times):
            made += _seats(body, under, head, counter)
    return made


def _post(body: str, seat: Seat, above: DemoPost | None, counter: dict[str, int]) -> DemoPost:
    counter[seat.mark] = counter.get(seat.mark, 0) + 1
    return DemoPost(
        code=f"{body}/{seat.mark}-{counter[seat.mark]}",
        body=body,
        designation=seat.designation,
        position=seat.position,
        level=seat.level,
        tier=above.tier + 1 if above else 0,
        reports_to=above.code if above else None,
        sensitive="procurement" in seat.position,
    )


SANCTIONED_SINCE = dt.date(2015, 4, 1)
