"""The access matrix has no wrong cell, and what is admitted shows nobody who is out of the actor's reach."""

import random
import re

import pytest

from karmayogi.institutions.roles import Role

from .cast import RELATIONS
from .matrix import METHODS, Stage, Visits, cells, names, of_desks, play
from .oracle import ADMITTED, DECIDED_IN_THE_VIEW, GRANTS, ROUTES, rows
from .write_access_page import PAGE, text

pytestmark = pytest.mark.django_db
SHARE, SEED = 0.05, 20260
PERSONAS_ARE_PUBLIC = {"personas"}
"""The door of the demonstration names the invented people to everyone."""
NOTHING_SET_UP = {
    "account_reauthenticate": 403,
    "mfa_reauthenticate": 403,
    "mfa_reauthenticate_webauthn": 403,
    "mfa_deactivate_totp": 404,
    "mfa_view_recovery_codes": 404,
    "socialaccount_login_error": 401,
    "audit-proof": 404,
    "api-official": 428,
}
"""What the library answers to a person who has no password, app, passkey or codes, and to a sign-on that failed;
what is said about an act that is not sealed yet, and to a program that gave no reason for opening a record."""


def in_sight(facts, cell, actor):
    """Whose names a page may show: the actor, who leads them, and whom the page's audience reaches."""
    who = ROUTES[cell.route].who
    leaders = {boss for boss, team in facts.teams.items() if actor in team}
    seen = {actor} | leaders
    if who == "supervisor":
        seen |= facts.team(actor)
    if who in ("manager", "authority", "help_desk", "establishment"):
        seen |= facts.under(facts.granted(actor, GRANTS[who]))
    if who == "establishment":  # the records of who ever served there
        bodies = facts.granted(actor, GRANTS[who])
        served = rows("SELECT person_id, body_id FROM institutions_assignment")
        seen |= {person for person, body in served if set(facts.above(body)) & bodies}
    if who == "registrar":
        seen |= facts.under(facts.granted(actor, GRANTS[who]))
    if who in ("grantor", "auditor"):
        bodies = facts.granted(actor, GRANTS[who])
        seen |= facts.under(bodies) | facts.authorised(bodies)
    if cell.route == "who-can-see":
        seen |= facts.seers(actor)
    if cell.route == "my-roles":
        seen |= facts.givers(actor)
    return seen


def named(facts, page):
    """The officials whose names stand in the text of a page, each between two tags: neighbours make no name."""
    lengths = {len(name) for name in facts.by_words}
    pieces = [re.findall(r"\w+", piece) for piece in re.split(r"<[^>]*>", page)]
    runs = {tuple(words[i : i + n]) for words in pieces for n in lengths for i in range(len(words) - n + 1)}
    return {facts.by_words[run] for run in runs & set(facts.by_words)}


def chosen(matrix):
    """A seeded share of the admitted cells to read, and one cell of every readable route."""
    readable = [c for c in matrix if c.expected == ADMITTED and c.method == "GET"]
    first = {c.route: c for c in reversed(readable)}
    drawn = random.Random(SEED).sample(readable, round(SHARE * len(readable)))
    return sorted({*first.values(), *drawn}, key=str), len(readable)


def faults(stage, visits, cell):
    """What is wrong with one rendered page, in a sentence, or nothing."""
    response = visits.rendering[cell.actor].get(cell.path)
    if response.status_code not in (200, 302, NOTHING_SET_UP.get(cell.route)):
        return f"{cell}: status {response.status_code}"
    kind = response.headers.get("Content-Type", "html")
    if response.streaming or not ("html" in kind or cell.route.startswith("api-")):
        return ""
    actor = stage.actors[cell.actor]
    text = response.content.decode()
    # The names in an answer for programs stand between quotation marks as those of a page between tags.
    seen = (
        named(stage.facts, text if "html" in kind else re.sub(r'"', "<>", text))
        if response.status_code == 200
        else set()
    )
    beyond = seen - in_sight(stage.facts, cell, actor)
    if cell.route in ("verify-code", "api-verify"):
        beyond -= {stage.somebody(actor, cell.relation)}
    if cell.route in PERSONAS_ARE_PUBLIC or not beyond:
        return ""
    return f"{cell}: names {sorted(stage.facts.names[p] for p in beyond)}"


def test_every_route_has_a_line_in_the_oracle_and_every_line_a_route():
    assert set(names()) == set(ROUTES)
    assert set(DECIDED_IN_THE_VIEW) <= set(ROUTES)


def test_the_gate_decides_every_cell_without_a_grant_as_the_oracle_does(capsys):
    count, wrong, told = play(of_desks(desks=False), called="no grant needed")
    with capsys.disabled():
        print(f"\n{told}")
    assert count > 15_000
    assert wrong == [], "\n".join(wrong)


def test_the_two_halves_of_the_matrix_are_the_whole():
    halves = [*of_desks(desks=False), *of_desks(desks=True)]
    assert sorted(halves) == sorted(names())


def test_rendered_pages_work_and_name_nobody_out_of_reach(capsys):
    stage = Stage()
    drawn, readable = chosen(list(cells(stage)))
    visits = Visits(stage)
    bad = [fault for cell in drawn if (fault := faults(stage, visits, cell))]
    with capsys.disabled():
        print(f"\nrendered: {len(drawn)} of {readable} admitted pages, {len(bad)} wrong")
    assert bad == [], "\n".join(bad)


def test_every_role_method_and_relation_is_played():
    stage = Stage()
    matrix = list(cells(stage))
    assert {f"a {role.value}" for role in Role} <= {c.actor for c in matrix}
    assert {c.method for c in matrix} == set(METHODS)
    assert {c.relation for c in matrix} == {"-", *RELATIONS}
    grants = {role: stage.facts.grants[stage.actors[f"a {role.value}"]] for role in Role}
    assert all({held for held, _body in grants[role]} == {role.value} for role in Role)


def test_the_relations_of_the_stage_are_what_they_are_called():
    """The oracle's people, looked at once by hand: who is in arvind's team, who was, who is in the ministry."""
    stage = Stage()
    facts, ids = stage.facts, stage.facts.ids
    assert ids["meenakshi"] in facts.team(ids["arvind"])
    assert stage.was_member not in facts.team(ids["arvind"])
    assert len(facts.team(ids["arvind"])) == 8
    ministry = facts.granted(ids["nandini"], GRANTS["manager"])
    assert ministry == {facts.codes["MORD"]}
    assert {ids["meenakshi"], ids["arvind"]} <= facts.under(ministry)
    assert not {stage.was_member, stage.was_manager, ids["devidas"]} & facts.under(ministry)
    assert not facts.granted(stage.was_manager, set().union(*GRANTS.values()))


def test_the_page_about_access_says_what_the_oracle_says():
    assert PAGE.read_text() == text(), "Run: python -m tests.security.write_access_page"
