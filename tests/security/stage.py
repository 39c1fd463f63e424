"""The stage of the access matrix: an object for each route, actor and relation."""

import io
from uuid import UUID, uuid4

from django.utils import timezone

from karmayogi.registry import files

from .cast import RELATIONS
from .oracle import (
    Line,
    Thing,
    rows,
)
from .papers import Papers


class Stage(Papers):
    """The demonstration with the missing people and papers added, and one object for each actor and relation."""

    def __init__(self) -> None:
        super().__init__()
        self.orders: dict[tuple, UUID] = {}
        self.copies: dict[UUID, UUID] = {}
        self.passkeys: dict[UUID, int] = {}
        self.objects: dict[tuple, list[tuple[str, Thing]]] = {}

    def things(self, line: Line, actor: UUID | None) -> list[tuple[str, Thing]]:
        """(relation, object) pairs for one route and actor; routes about the same sort of object share them."""
        if not line.about:
            return [("-", Thing({}))]
        if (line.about, actor) not in self.objects:
            find = getattr(self, f"a_{line.about}")
            found = [(relation, find(actor, relation)) for relation in RELATIONS]
            self.objects[line.about, actor] = [(relation, thing) for relation, thing in found if thing]
        return self.objects[line.about, actor]

    def a_person(self, actor, relation) -> Thing:
        if relation == "none":
            return Thing({"person": uuid4()}, exists=False)
        person = self.somebody(actor, relation)
        return Thing({"person": person}, person=person)

    def a_body(self, actor, relation) -> Thing:
        if relation == "none":
            return Thing({"code": "NO-SUCH-BODY"}, exists=False)
        body = self._place(actor, relation)
        return Thing({"code": next(code for code, b in self.facts.codes.items() if b == body)}, body=body)

    def a_post(self, actor, relation) -> Thing | None:
        if relation == "none":
            return Thing({"code": "NO-SUCH/POST-1"}, exists=False)
        body = self._place(actor, relation)
        post = rows(
            "SELECT code FROM ehrms_post WHERE body_id = %s AND state = 'live' ORDER BY code LIMIT 1", body
        )
        return Thing({"code": post[0][0]}, body=body) if post else None

    def a_order(self, actor, relation) -> Thing:
        """An order about the body of the relation; the own one, and that of a body left behind, the actor made."""
        if relation == "none":
            return Thing({"order": uuid4()}, exists=False)
        body = self.facts.codes["JALS-1"] if relation == "former" else self._place(actor, relation)
        maker = actor if actor and relation in ("own", "former") else self.facts.ids["naeem"]
        return Thing({"order": self._ordered(body, maker)}, body=body)

    def a_own_order(self, actor, relation) -> Thing:
        """An order in force that posts somebody of the relation."""
        if relation == "none":
            return Thing({"order": uuid4()}, exists=False)
        person = self.somebody(actor, relation)
        if (order := self.papers.get(("own order", person))) is None:
            ((order,),) = rows(
                "INSERT INTO ehrms_order (id, number, kind, body_id, state, made_at, effective, reason,"
                " outside_bracket, examination) SELECT gen_random_uuid(), gen_random_uuid()::text, 'transfer', %s,"
                " 'in_force', now(), %s, '', false, '[]' RETURNING id", self.facts.codes["MORD-1"], self.on,
            )  # fmt: skip
            rows(
                "INSERT INTO ehrms_orderline (id, order_id, person_id, post_id, kind, since, part_from, part_to) SELECT"
                " gen_random_uuid(), %s, %s, id, 'substantive', %s, 0, 1000 FROM ehrms_post ORDER BY code LIMIT 1",
                order, person, self.on,
            )  # fmt: skip
            rows(
                "INSERT INTO ehrms_posting (id, person_id, post_id, kind, part, during, recorded, order_id) SELECT"
                " gen_random_uuid(), %s, id, 'training', int4range(0, 1000), daterange('1990-01-01', '1990-01-02'),"
                " tstzrange(now(), NULL), %s FROM ehrms_post ORDER BY code LIMIT 1", person, order,
            )  # fmt: skip
            self.papers["own order", person] = order
        return Thing({"order": order}, person=person)

    def a_sitting(self, actor, relation) -> Thing | None:
        return self._personal(
            "sitting", actor, relation, "SELECT id FROM assessment_sitting WHERE person_id = %s"
        )

    def a_statement(self, actor, relation) -> Thing | None:
        return self._personal(
            "statement", actor, relation, "SELECT id FROM credentials_statement WHERE person_id = %s"
        )

    def a_copy(self, actor, relation) -> Thing | None:
        """The file with everything about somebody, ready to be fetched."""
        if relation == "none":
            return Thing({"run": uuid4()}, exists=False)
        person = self.somebody(actor, relation)
        if person not in self.copies:
            copy = files.keep(
                io.BytesIO(b"PK\x05\x06" + bytes(18)),
                name="my-data.zip", media_type="application/zip", owner=person, now=timezone.now(),
            )  # fmt: skip
            ((self.copies[person],),) = rows(
                "INSERT INTO registry_jobrun (id, kind, title, owner, arguments, state, done, message, result,"
                " attempts, cancel_asked, asked_at) VALUES (gen_random_uuid(), 'journeys.my_data', 'My data', %s, '{}',"
                " 'done', 0, '', jsonb_build_object('file', %s::text), 1, false, now()) RETURNING id",
                person,
                str(copy.id),
            )
        return Thing({"run": self.copies[person]}, person=person)

    def a_step(self, actor, relation) -> Thing | None:
        planned = "SELECT id FROM planning_planitem i WHERE person_id = %s AND state = 'planned' AND EXISTS (SELECT 1"
        return self._personal(
            "item", actor, relation,
            planned + " FROM planning_plan p WHERE p.id = i.plan_id AND p.state = 'current')",
        )  # fmt: skip

    def a_competency(self, actor, relation) -> Thing | None:
        if relation == "none":
            return Thing({"competency": uuid4()}, exists=False)
        held = rows(
            "SELECT competency_id FROM credentials_statement WHERE person_id = %s",
            self.somebody(actor, "own"),
        )
        other = rows(
            "SELECT id FROM competency_competency WHERE id <> ALL(%s) ORDER BY key", [c for (c,) in held]
        )
        chosen = {"own": held, "other": other}.get(relation)
        return Thing({"competency": chosen[0][0]}) if chosen else None

    def a_course(self, actor, relation) -> Thing | None:
        if relation == "none":
            return Thing({"course": "no-such-course"}, exists=False)
        if relation == "former":
            return Thing({"course": self.retired}, person=self.was_member, offered=False)
        return Thing({"course": "tender-evaluation"}) if relation == "own" else None

    def a_page(self, actor, relation, kind="text") -> Thing | None:
        """A page; the missing one is a missing page of a course that exists."""
        course = self.a_course(actor, "own" if relation == "none" else relation)
        page = course and rows(
            "SELECT p.key FROM learning_course c JOIN learning_placement l ON l.version_id = c.version_id"
            " JOIN learning_page p ON p.id = l.page_id WHERE c.key = %s AND p.kind = %s ORDER BY l.number LIMIT 1",
            course.address["course"], kind,
        )  # fmt: skip
        if not page:
            return None
        missing = relation == "none"
        address = {**course.address, "page": "no-such-page" if missing else page[0][0]}
        return Thing(address, course.person, exists=not missing, offered=course.offered)

    def a_file(self, actor, relation) -> Thing | None:
        return self.a_page(actor, relation, "file")

    def a_position(self, actor, relation) -> Thing | None:
        if relation == "none":
            return Thing({"key": "no-such-position"}, exists=False)
        key = rows(
            "SELECT position FROM ehrms_post WHERE body_id = %s AND position <> '' ORDER BY code LIMIT 1",
            self._place(actor, relation),
        )
        return Thing({"key": key[0][0]}) if key and relation in ("own", "other") else None

    def a_certificate(self, actor, relation) -> Thing | None:
        if relation == "none":
            return Thing({"code": "0000-0000-0000"}, exists=False)
        code = rows(
            "SELECT code FROM credentials_statement WHERE person_id = %s", self.somebody(actor, relation)
        )
        if not code or relation not in ("own", "other"):
            return None
        return Thing({"code": code[0][0]}, self.somebody(actor, relation))

    def a_provider(self, actor, relation) -> Thing | None:
        return Thing({"provider_id": "no-such-one"}, exists=False) if relation == "none" else None

    def a_organization(self, actor, relation) -> Thing | None:
        return Thing({"organization_slug": "no-such-one"}, exists=False) if relation == "none" else None

    def a_passkey(self, actor, relation) -> Thing | None:
        """A passkey of somebody who is none of the actors, because a made-up one breaks its owner's own pages."""
        if relation == "none":
            return Thing({"pk": 2_000_000_000}, exists=False)
        if relation not in ("sibling", "other"):
            return None
        person = self.somebody(actor, relation)
        if person not in self.passkeys:
            ((self.passkeys[person],),) = rows(
                "INSERT INTO mfa_authenticator (user_id, type, data, created_at)"
                ' VALUES (%s, \'webauthn\', \'{"name": "Key", "credential": {}}\', now()) RETURNING id',
                person,
            )
        return Thing({"pk": self.passkeys[person]}, person=person)

    def a_user(self, actor, relation) -> Thing:
        thing = self.a_person(actor, relation)
        return Thing({"id": thing.address["person"]}, person=thing.person, exists=thing.exists)

    def a_place(self, actor, relation) -> Thing:
        if relation == "none":
            return Thing({"id": uuid4()}, exists=False)
        body = self._place(actor, relation)
        return Thing({"id": body}, body=body)

    def a_type(self, actor, relation) -> Thing | None:
        return Thing({"name": "User"}) if relation == "own" else None

    def a_schema(self, actor, relation) -> Thing | None:
        return Thing({"urn": "urn:ietf:params:scim:schemas:core:2.0:User"}) if relation == "own" else None

    def a_rest(self, actor, relation) -> Thing | None:
        return Thing({"rest": "Groups"}) if relation == "own" else None

    def _personal(self, name, actor, relation, sql) -> Thing | None:
        if relation == "none":
            return Thing({name: uuid4()}, exists=False)
        person = self.somebody(actor, relation)
        held = rows(sql + " ORDER BY 1 LIMIT 1", person) or (name == "sitting" and self._sat(person))
        return Thing({name: held[0][0]}, person=person) if held else None

    def _ordered(self, body: UUID, maker: UUID) -> UUID:
        """A recommended order about a post of the body."""
        if (body, maker) not in self.orders:
            ((order,),) = rows(
                "INSERT INTO ehrms_order (id, number, kind, body_id, state, maker_id, made_at, effective, reason,"
                " outside_bracket, examination) VALUES (gen_random_uuid(), %s, 'transfer', %s, 'recommended', %s,"
                " now(), %s, '', false, '[]') RETURNING id", f"test/{len(self.orders)}", body, maker, self.on,
            )  # fmt: skip
            rows(
                "INSERT INTO ehrms_orderline (id, order_id, person_id, post_id, kind, since, part_from, part_to) SELECT"
                " gen_random_uuid(), %s, %s, id, 'substantive', %s, 0, 1000 FROM ehrms_post WHERE body_id = %s"
                " ORDER BY code LIMIT 1", order, self.facts.ids["meenakshi"], self.on, body,
            )  # fmt: skip
            self.orders[body, maker] = order
        return self.orders[body, maker]

    def _sat(self, person: UUID) -> list[tuple]:
        """A finished sitting, like one of meenakshi's."""
        ((like,),) = rows(
            "SELECT s.id FROM assessment_sitting s JOIN assessment_ending e ON e.sitting_id = s.id"
            " WHERE person_id = %s ORDER BY s.id LIMIT 1", self.facts.ids["meenakshi"],
        )  # fmt: skip
        made = rows(
            "INSERT INTO assessment_sitting (id, supervised, seed, started_at, deadline, competency_id, person_id,"
            " pool_version_id) SELECT gen_random_uuid(), supervised, seed, started_at, deadline, competency_id, %s,"
            " pool_version_id FROM assessment_sitting WHERE id = %s RETURNING id", person, like,
        )  # fmt: skip
        rows(
            "INSERT INTO assessment_ending (id, sitting_id, state, asked, at, recorded_at) SELECT gen_random_uuid(),"
            " %s, state, asked, at, recorded_at FROM assessment_ending WHERE sitting_id = %s", made[0][0], like,
        )  # fmt: skip
        return made
