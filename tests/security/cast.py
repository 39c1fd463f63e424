"""The cast of the access matrix: the personas, a holder of every role, a former member, a former manager."""

from collections.abc import Iterable
from uuid import UUID, uuid4

from django.utils import timezone

from karmayogi.institutions.roles import Role

from .oracle import (
    Facts,
    rows,
)

PERSONAS = (
    *("meenakshi", "devidas", "arvind", "nandini", "khandelwal", "hazarika", "gogoi", "leela", "naeem"),
    *("farida", "lalita", "thangi", "usha"),
)


RELATIONS = ("own", "team", "sibling", "other", "former", "none")


class Cast:
    """The people of the demonstration with the missing ones added, and somebody in each relation to each."""

    def __init__(self) -> None:
        self.on = timezone.localdate()
        self.facts = Facts(self.on)
        self.was_member = self._former_member()
        self.was_manager = self._former_manager()
        self.retired = self._retired_course()
        players = self._players()
        self.facts = Facts(self.on)
        self.actors: dict[str, UUID | None] = {"signed out": None}
        self.actors |= {login: self.facts.ids[login] for login in PERSONAS}
        self.actors |= {"former manager": self.was_manager, "former member": self.was_member}
        self.actors |= players
        self.found: dict[tuple, UUID | None] = {}

    def somebody(self, actor: UUID | None, relation: str) -> UUID:
        """Someone in that relation. Who leads nobody has arvind's team; the signed out stand where meenakshi does."""
        asker = actor or self.facts.ids["meenakshi"]
        if (asker, relation) not in self.found:
            self.found[asker, relation] = self._find(asker, relation)
        return self.found[asker, relation]

    def _find(self, actor: UUID, relation: str) -> UUID:
        facts, home = self.facts, self.facts.serves_in(actor)
        top = list(facts.above(home))[-2]
        if relation in ("own", "former"):
            return actor if relation == "own" else self.was_member
        if relation == "team":
            return self._first(facts.team(actor) or facts.team(facts.ids["arvind"]), but=actor)
        # A sibling unit lies in the same ministry; a body right under the service has the other ones beside it.
        above = facts.parents[home]
        beside = [b for b, p in facts.parents.items() if p == above and b != home]
        beside = beside or [b for b, p in facts.parents.items() if p == facts.parents[above] and b != above]
        far = [b for b, p in facts.parents.items() if p == facts.codes["SERVICE"] and b not in (top, *beside)]
        places = beside if relation == "sibling" else far or [b for b in beside if b != beside[0]]
        return self._first(facts.under(places) - facts.team(actor), but=actor)

    def _first(self, people: Iterable[UUID], *, but: UUID) -> UUID:
        wanted = sorted(set(people) - {but, self.was_member, self.was_manager})
        return rows(
            "SELECT p FROM unnest(%s::uuid[]) p WHERE EXISTS (SELECT 1 FROM credentials_statement s WHERE s.person_id"
            " = p) AND EXISTS (SELECT 1 FROM planning_planitem i WHERE i.person_id = p AND i.state = 'planned')"
            " LIMIT 1",
            wanted,
        )[0][0]

    def _place(self, actor, relation) -> UUID:
        """Where somebody of the relation serves; the former body is that of arvind's team."""
        return self.facts.serves_in(
            self.facts.ids["arvind"] if relation == "former" else self.somebody(actor, relation)
        )

    def _former_member(self) -> UUID:
        """One of arvind's team moves to another ministry; the transfer took effect today."""
        facts = self.facts
        member = sorted(facts.team(facts.ids["arvind"]) - {facts.ids["meenakshi"]})[0]
        boss = rows(
            "SELECT supervisor_id FROM institutions_assignment WHERE body_id = %s AND supervisor_id IS NOT NULL"
            " AND during @> %s::date LIMIT 1", facts.codes["JALS-1"], self.on,
        )  # fmt: skip
        rows(
            "INSERT INTO institutions_assignment (id, person_id, body_id, supervisor_id, position, designation, kind,"
            " share, during, order_no) SELECT gen_random_uuid(), person_id, %s, %s, position, designation, kind, share,"
            " daterange(%s, NULL), 'test/1' FROM institutions_assignment WHERE person_id = %s AND during @> %s::date",
            facts.codes["JALS-1"], boss[0][0], self.on, member, self.on,
        )  # fmt: skip
        rows(
            "UPDATE institutions_assignment SET during = daterange(lower(during), %s) WHERE person_id = %s"
            " AND during @> %s::date AND order_no <> 'test/1'", self.on, member, self.on,
        )  # fmt: skip
        return member

    def _former_manager(self) -> UUID:
        """Somebody of another ministry who kept the training of MORD until yesterday."""
        facts = self.facts
        leaders = set(facts.teams)
        person = sorted(facts.under([facts.codes["JALS"]]) - leaders - {self.was_member})[0]
        rows(
            "INSERT INTO institutions_grant (id, person_id, role, body_id, during, order_no, recorded_at)"
            " SELECT gen_random_uuid(), %s, r, %s, daterange(%s::date - 400, %s::date), 'test/2', now()"
            " FROM unnest(ARRAY['training_manager', 'cadre_authority', 'commission_analyst']) r",
            person, facts.codes["MORD"], self.on, self.on,
        )  # fmt: skip
        return person

    def _players(self) -> dict[str, UUID]:
        """For every role there is somebody of the ministry who leads nobody and holds that grant alone, over it."""
        facts = self.facts
        named = {facts.ids[login] for login in PERSONAS}
        taken = {*facts.teams, *facts.grants, *named, self.was_member, self.was_manager}
        free = sorted(facts.under([facts.codes["MORD"]]) - taken)
        players = {f"a {role.value}": person for role, person in zip(Role, free, strict=False)}
        assert len(players) == len(Role), "the ministry of the demonstration has too few people for all roles"
        for role in Role:
            rows(
                "INSERT INTO institutions_grant (id, person_id, role, body_id, during, order_no, recorded_at)"
                " VALUES (gen_random_uuid(), %s, %s, %s, daterange(%s::date - 30, NULL), 'test/3', now())",
                players[f"a {role.value}"], role.value, facts.codes["MORD"], self.on,
            )  # fmt: skip
        return players

    def _retired_course(self) -> str:
        """A course out of the catalogue, on which only the former member is."""
        course, version = uuid4(), uuid4()
        like = "(SELECT version_id FROM learning_course WHERE key = 'tender-evaluation')"
        rows(
            "INSERT INTO learning_course (id, key, state, made_at, provider_id, version_id) SELECT %s,"
            " 'retired-course', 'retired', made_at, provider_id, %s FROM learning_course"
            " WHERE key = 'tender-evaluation'", course, version,
        )  # fmt: skip
        rows(
            "INSERT INTO learning_courseversion SELECT (jsonb_populate_record(v, jsonb_build_object('id', %s::text,"
            f" 'course_id', %s::text))).* FROM learning_courseversion v WHERE id = {like}", version, course,
        )  # fmt: skip
        rows(
            "INSERT INTO learning_placement SELECT (jsonb_populate_record(p, jsonb_build_object('id',"
            " gen_random_uuid()::text, 'version_id', %s::text))).* FROM learning_placement p"
            f" WHERE version_id = {like}", version,
        )  # fmt: skip
        rows(
            "INSERT INTO learning_enrolment (id, person_id, course_id, state, origin, enrolled_at) SELECT"
            " gen_random_uuid(), %s, id, 'enrolled', 'here', now() FROM learning_course WHERE key = 'retired-course'",
            self.was_member,
        )
        return "retired-course"
