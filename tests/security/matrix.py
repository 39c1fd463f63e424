"""The access matrix: every route x every actor x an object in each relation x method, up to the gate's decision.

`Stage` adds what the demonstration lacks (a former manager, a former member of a team, orders, sittings, a retired
course) inside the test's transaction and finds the objects; `cells` lists the matrix, `Visits` asks the application.
"""

import io
import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.conf import settings
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import get_resolver, reverse
from django.utils import timezone

from karmayogi.institutions.roles import Role
from karmayogi.registry import files
from karmayogi.web.problems import MEDIA_TYPE

from ..signing import sign_in
from .oracle import (
    ADMITTED,
    DECIDED_IN_THE_VIEW,
    GRANTS,
    METHOD,
    REFUSED,
    ROUTES,
    SIGN_IN,
    Facts,
    Line,
    Thing,
    expected,
    rows,
)

PERSONAS = (
    *("meenakshi", "devidas", "arvind", "nandini", "khandelwal", "hazarika", "gogoi", "leela", "naeem"),
    *("farida", "lalita", "thangi", "usha"),
)
RELATIONS = ("own", "team", "sibling", "other", "former", "none")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
LANDED = 299
PAGES = settings.TEMPLATES[0]
LOADERS = [
    ("django.template.loaders.locmem.Loader", {"error.html": "{{ error.status }}"}),
    "django.template.loaders.filesystem.Loader",
    "django.template.loaders.app_directories.Loader",
]
DECISIONS_ONLY = [{**PAGES, "APP_DIRS": False, "OPTIONS": {**PAGES["OPTIONS"], "loaders": LOADERS}}]
"""The page that says no is one template for all cells; what it looks like is tested by the journeys."""


class Stop:
    """The last middleware: whoever comes this far was admitted; nothing is rendered or written."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        return HttpResponse(status=LANDED)


class Stage:
    """The demonstration with the missing people and papers added, and one object for each actor and relation."""

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
        self.orders: dict[tuple, UUID] = {}
        self.questions: dict[tuple, UUID] = {}
        self.objections: dict[tuple, UUID] = {}
        self.copies: dict[UUID, UUID] = {}
        self.passkeys: dict[UUID, int] = {}
        self.papers: dict[tuple, UUID] = {}
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

    def a_grant(self, actor, relation) -> Thing:
        """Authority of somebody else over the body of the relation; the own one is the actor's, over their body."""
        if relation == "none":
            return Thing({"grant": uuid4()}, exists=False)
        body = self._place(actor, relation)
        holder = self.somebody(actor, "own" if relation == "own" else "other")
        if (held := self.papers.get(("grant", holder, body))) is None:
            ((held,),) = rows(
                "INSERT INTO institutions_grant (id, person_id, role, body_id, during, order_no, recorded_at) SELECT"
                " gen_random_uuid(), %s, 'training_manager', %s, daterange(%s::date + 30, NULL), 'test/3', now()"
                " RETURNING id", holder, body, self.on,
            )  # fmt: skip
            self.papers["grant", holder, body] = held
            self.facts.ever.append((holder, body, None))
        return Thing({"grant": held}, person=holder, body=body)

    def a_wish(self, actor, relation) -> Thing:
        """A grant over the body of the relation that the head of the personnel department asked for."""
        return self._asked("grant.give", "grantor", actor, relation)

    def a_proposal(self, actor, relation) -> Thing:
        """What the support asked of somebody."""
        return self._asked("support.look", "official", actor, relation)

    def _asked(self, act, desk, actor, relation) -> Thing:
        if relation == "none":
            return Thing({"proposal": uuid4()}, exists=False)
        person, body = self.somebody(actor, relation), self._place(actor, relation)
        if (asked := self.papers.get((act, person, body))) is None:
            ((asked,),) = rows(
                "INSERT INTO institutions_proposal (id, act, key, about_id, body_id, desk, content, reason, maker_id,"
                " made_at, lapses_at, state, answer) SELECT gen_random_uuid(), %s, gen_random_uuid()::text, %s, %s, %s,"
                " jsonb_build_object('role', 'training_manager', 'since', %s::date, 'until', null, 'order_no', '1',"
                " 'who', ''), 'A reason of the test', %s, now(), now() + interval '1 day', 'waiting', '' RETURNING id",
                act, person, body, desk, self.on, self._stranger(person),
            )  # fmt: skip
            self.papers[act, person, body] = asked
        return Thing({"proposal": asked}, person=person, body=body)

    def a_register(self, actor, relation) -> Thing | None:
        return Thing({"kind": "designation"}) if relation == "own" else None

    def a_request(self, actor, relation) -> Thing:
        """A designation that somebody of the relation asked for."""
        if relation == "none":
            return Thing({"proposal": uuid4()}, exists=False)
        person = self.somebody(actor, relation)
        asked = self._registered(person, self.facts.serves_in(person))
        return Thing({"proposal": asked}, person=person)

    def a_register_asked(self, actor, relation) -> Thing:
        """A designation that somebody asked for in the body of the relation."""
        if relation == "none":
            return Thing({"proposal": uuid4()}, exists=False)
        body = self._place(actor, relation)
        return Thing({"proposal": self._registered(self._stranger(actor), body)}, body=body)

    def _registered(self, person: UUID, body: UUID) -> UUID:
        if (asked := self.papers.get(("designation.enter", person, body))) is None:
            title = f"Title {len(self.papers)}"
            ((asked,),) = rows(
                "INSERT INTO institutions_proposal (id, act, key, body_id, desk, content, reason, maker_id, made_at,"
                " lapses_at, state, answer) SELECT gen_random_uuid(), 'designation.enter', gen_random_uuid()::text, %s,"
                " 'registrar', jsonb_build_object('title', %s::text, 'name', %s::text), 'A reason of the test', %s,"
                " now(), now() + interval '1 day', 'waiting', '' RETURNING id", body, title, title, person,
            )  # fmt: skip
            self.papers["designation.enter", person, body] = asked
        return asked

    def a_breach(self, actor, relation) -> Thing | None:
        if relation == "none":
            return Thing({"breach": uuid4()}, exists=False)
        return Thing({"breach": self._breach()}) if relation == "own" else None

    def a_breach_list(self, actor, relation) -> Thing | None:
        """The list of the affected that somebody asked for, ready to be fetched."""
        if relation == "none":
            return Thing({"breach": self._breach(), "run": uuid4()}, exists=False)
        if relation not in ("own", "other"):
            return None
        person = self.somebody(actor, relation)
        if (run := self.papers.get(("breach_list", person))) is None:
            copy = files.keep(
                io.BytesIO(b"name"),
                name="affected.csv",
                media_type="text/csv",
                owner=person,
                now=timezone.now(),
            )
            ((run,),) = rows(
                "INSERT INTO registry_jobrun (id, kind, title, owner, arguments, state, done, message, result,"
                " attempts, cancel_asked, asked_at) VALUES (gen_random_uuid(), 'journeys.breach_export', 'B/1', %s,"
                " '{}', 'done', 0, '', jsonb_build_object('file', %s::text, 'people', 0), 1, false, now())"
                " RETURNING id", person, str(copy.id),
            )  # fmt: skip
            self.papers["breach_list", person] = run
        return Thing({"breach": self._breach(), "run": run}, person=person)

    def _breach(self) -> UUID:
        if (made := self.papers.get(("breach",))) is None:
            ((made,),) = rows(
                "INSERT INTO policy_breach (id, number, what, known_at, opened_at, opened_by_id, measures) VALUES"
                " (gen_random_uuid(), 'B/1', 'A laptop was lost.', now(), now(), %s, '') RETURNING id",
                self.was_manager,
            )
            self.papers["breach",] = made
        return made

    def a_visit(self, actor, relation) -> Thing:
        """A consent that somebody gave to the one who asks in `_asked`, and that runs."""
        if relation == "none":
            return Thing({"visit": uuid4()}, exists=False)
        asked = self._asked("support.look", "official", actor, relation)
        if (visit := self.papers.get(("visit", asked.person))) is None:
            ((visit,),) = rows(
                "INSERT INTO institutions_supportvisit (id, proposal_id, person_id, supporter_id, begins_at, until)"
                " VALUES (gen_random_uuid(), %s, %s, %s, now(), now() + interval '1 hour') RETURNING id",
                asked.address["proposal"], asked.person, self._stranger(asked.person),
            )  # fmt: skip
            self.papers["visit", asked.person] = visit
        return Thing({"visit": visit}, person=asked.person)

    def _stranger(self, person: UUID) -> UUID:
        return self.was_manager if person != self.was_manager else self.was_member

    def a_act(self, actor, relation) -> Thing:
        """An act in the body of the relation."""
        if relation == "none":
            return Thing({"entry": uuid4()}, exists=False)
        body = self._place(actor, relation)
        if (entry := self.papers.get(("act", body))) is None:
            ((entry,),) = rows(
                "INSERT INTO institutions_auditrow (id, at, act, object_kind, object_id, body, reason, details) VALUES"
                " (gen_random_uuid(), now(), 'test.act', 'test', '1', %s, '', '{}') RETURNING id", body,
            )  # fmt: skip
            self.papers["act", body] = entry
        return Thing({"entry": entry}, body=body)

    def a_step(self, actor, relation) -> Thing | None:
        planned = "SELECT id FROM planning_planitem i WHERE person_id = %s AND state = 'planned' AND EXISTS (SELECT 1"
        return self._personal(
            "item", actor, relation,
            planned + " FROM planning_plan p WHERE p.id = i.plan_id AND p.state = 'current')",
        )  # fmt: skip

    def a_case(self, actor, relation) -> Thing | None:
        """A question that somebody of the relation has open, waiting for an assessor."""
        if relation == "none":
            return Thing({"case": uuid4()}, exists=False)
        person, body = self.somebody(actor, relation), self._place(actor, relation)
        if (person, body) not in self.questions:
            ((self.questions[person, body],),) = rows(
                "INSERT INTO registry_case (id, kind, subject_kind, subject_id, opened_by, about, body, route, step,"
                " days, working, state, opened_at, due, outcome, reason) SELECT gen_random_uuid(),"
                " 'competency_result', 'competency', id, %s, %s, %s, '[\"assessor\"]', 0, 15, true, 'open', now(),"
                " %s::date + 20, '', '' FROM competency_competency ORDER BY key OFFSET %s LIMIT 1 RETURNING id",
                person, person, body, self.on, sum(asked == person for asked, _ in self.questions),
            )  # fmt: skip
        return Thing({"case": self.questions[person, body]}, person=person, body=body, turn="assessor")

    def a_entry(self, actor, relation) -> Thing:
        """The name in somebody's record."""
        person = uuid4() if relation == "none" else self.somebody(actor, relation)
        return Thing({"field": "name", "subject": person}, person=person, exists=relation != "none")

    def a_objection(self, actor, relation) -> Thing:
        """What somebody of the relation says is wrong in their record, with its proof."""
        if relation == "none":
            return Thing({"case": uuid4()}, exists=False)
        person, body = self.somebody(actor, relation), self._place(actor, relation)
        if (person, body) not in self.objections:
            proof = files.keep(
                io.BytesIO(b"%PDF-1.4"),
                name="p.pdf",
                media_type="application/pdf",
                owner=person,
                now=timezone.now(),
            )
            ((self.objections[person, body],),) = rows(
                "WITH c AS (INSERT INTO registry_case (id, kind, subject_kind, subject_id, opened_by, about, body,"
                " route, step, days, working, state, opened_at, due, outcome, reason) VALUES (gen_random_uuid(),"
                " 'record.objection', 'name', gen_random_uuid(), %s, %s, %s, '[\"establishment_clerk\","
                " \"establishment_verifier\"]', 0, 15, true, 'open', now(), %s::date + 20, '', '') RETURNING id)"
                " INSERT INTO registry_caseevent (id, case_id, at, by, what, text, details) SELECT gen_random_uuid(),"
                " id, now(), %s, 'lodged', 'It is wrong.', jsonb_build_object('field', 'name', 'subject', %s::text,"
                " 'called', '', 'was', 'A', 'says', 'B', 'file', %s::text, 'name', 'p.pdf', 'sha256', %s::text,"
                " 'size', 8) FROM c RETURNING case_id",
                person, person, body, self.on, person, str(person), str(proof.id), proof.sha256,
            )  # fmt: skip
        return Thing({"case": self.objections[person, body]}, person=person, body=body)

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

    def a_recovery_asked(self, actor, relation) -> Thing:
        """A way in that farida asked for somebody of the relation."""
        person = None if relation == "none" else self.somebody(actor, relation)
        return Thing(
            {"proposal": self._proposed(person, "account.recover")}, person=person, exists=person is not None
        )

    def a_recovery(self, actor, relation) -> Thing:
        """A way in that was given back lately."""
        if relation == "none":
            return Thing({"recovery": uuid4()}, exists=False)
        person = self.somebody(actor, relation)
        return Thing({"recovery": self._recovered(person)}, person=person)

    def a_join_asked(self, actor, relation) -> Thing | None:
        """A join asked for by lalita. Who left a body is still on its records, so the former ones prove nothing."""
        if relation == "former":
            return None
        person = None if relation == "none" else self.somebody(actor, relation)
        return Thing(
            {"proposal": self._proposed(person, "person.merge")}, person=person, exists=person is not None
        )

    def a_join(self, actor, relation) -> Thing | None:
        if relation in ("former", "none"):
            return Thing({"link": uuid4()}, exists=False) if relation == "none" else None
        person = self.somebody(actor, relation)
        return Thing({"link": self._joined(person)}, person=person)

    def a_pair(self, actor, relation) -> Thing | None:
        if relation in ("former", "none"):
            return Thing({"pair": uuid4()}, exists=False) if relation == "none" else None
        person = self.somebody(actor, relation)
        return Thing({"pair": self._likely(person)}, person=person)

    def _proposed(self, person, act) -> UUID:
        if person is None:
            return uuid4()
        if (person, act) not in self.papers:
            content = {"loss": "mobile", "mobile": "+919800000999", "check": "call", "other": str(person)}
            ((self.papers[person, act],),) = rows(
                "INSERT INTO institutions_proposal (id, act, key, about_id, body_id, desk, content, reason, maker_id,"
                " made_at, lapses_at, state, answer) VALUES (gen_random_uuid(), %s, %s, %s, %s, %s, %s::jsonb, 'why',"
                " %s, now(), now() + interval '9 days', 'waiting', '') RETURNING id",
                act, str(person), person, self.facts.serves_in(person),
                "help_desk" if act == "account.recover" else "establishment", json.dumps(content),
                self.facts.ids["joseph" if act == "account.recover" else "gurdeep"],
            )  # fmt: skip
        return self.papers[person, act]

    def _recovered(self, person) -> UUID:
        if (person, "recovery") not in self.papers:
            ((proposal,),) = rows(
                "INSERT INTO institutions_proposal (id, act, key, about_id, body_id, desk, content, reason, maker_id,"
                " made_at, lapses_at, state, answer, checker_id, decided_at) VALUES (gen_random_uuid(),"
                " 'account.recover', 'done', %s, %s, 'help_desk', '{}', 'why', %s, now(), now(), 'approved', '', %s,"
                " now()) RETURNING id",
                person, self.facts.serves_in(person), self.facts.ids["joseph"], self.facts.ids["naeem"],
            )  # fmt: skip
            ((self.papers[person, "recovery"],),) = rows(
                "INSERT INTO institutions_recovery (id, person_id, body_id, asked_id, former_mobile, new_mobile,"
                " made_at, opens_at, why_stopped, touched_by_id, touched_at) VALUES (gen_random_uuid(), %s, %s,"
                " %s, '', '',"
                " now(), now(), '', %s, now()) RETURNING id",
                person, self.facts.serves_in(person), proposal, self.facts.ids["naeem"],
            )  # fmt: skip
        return self.papers[person, "recovery"]

    def _second_record(self) -> UUID:
        ((id,),) = rows(
            "INSERT INTO institutions_person (id, name, language) VALUES (gen_random_uuid(), 'Second Record', 'en')"
            " RETURNING id"
        )
        return id

    def _joined(self, person) -> UUID:
        if (person, "join") not in self.papers:
            other = self._second_record()
            ((self.papers[person, "join"],),) = rows(
                "INSERT INTO institutions_personalias (id, person_id, other_id, alias, kind, order_no, since)"
                " VALUES (gen_random_uuid(), %s, %s, %s, 'person', '1', now()) RETURNING id", person, other, str(other),
            )  # fmt: skip
        return self.papers[person, "join"]

    def _likely(self, person) -> UUID:
        if (person, "pair") not in self.papers:
            one, other = sorted((person, self._second_record()))
            ((self.papers[person, "pair"],),) = rows(
                "INSERT INTO institutions_likelysame (id, one_id, other_id, body_id, score, reasons, found_at, why)"
                " VALUES (gen_random_uuid(), %s, %s, %s, 0.9, '[]', now(), '') RETURNING id",
                one, other, self.facts.serves_in(person),
            )  # fmt: skip
        return self.papers[person, "pair"]

    # --- Somebody in each relation to the actor --------------------------------------------------------------------

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

    def _personal(self, name, actor, relation, sql) -> Thing | None:
        if relation == "none":
            return Thing({name: uuid4()}, exists=False)
        person = self.somebody(actor, relation)
        held = rows(sql + " ORDER BY 1 LIMIT 1", person) or (name == "sitting" and self._sat(person))
        return Thing({name: held[0][0]}, person=person) if held else None

    # --- What the demonstration lacks ------------------------------------------------------------------------------

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


@dataclass(frozen=True)
class Cell:
    """One square of the matrix: who asks, by which method, for which route and object, and what must happen."""

    route: str
    actor: str
    relation: str
    method: str
    expected: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.route} ({self.relation}) as {self.actor}: {self.expected}"


def names() -> list[str]:
    """The names of all routes of the site; static files are served before the gate and are not among them."""
    return [entry.name for entry in get_resolver().url_patterns]


def of_desks(*, desks: bool) -> list[str]:
    """The routes that need a grant, or those that need none: two halves, so that two workers play the matrix."""
    return [name for name in names() if (ROUTES[name].who in GRANTS) is desks]


def play(routes: list[str], *, called: str) -> tuple[int, list[str], str]:
    """Asks the application every cell of these routes: how many there are, the wrong ones, a line to print."""
    begun = time.monotonic()
    stage = Stage()
    matrix = list(cells(stage, routes))
    wrong = Visits(stage).wrong(matrix)
    took = time.monotonic() - begun
    told = f"access matrix, {called}: {len(matrix)} cells, {len(wrong)} wrong, {took:.0f} s"
    return len(matrix), wrong, f"{told}; {len(routes)} routes, {len(stage.actors)} actors"


def cells(stage: Stage, routes: Iterable[str] | None = None) -> Iterator[Cell]:
    """The whole matrix, or that of some routes. A route without an oracle line is a KeyError."""
    for route in routes or names():
        line = ROUTES[route]
        taken = set(line.methods.split())
        for label, actor in stage.actors.items():
            for number, (relation, thing) in enumerate(stage.things(line, actor)):
                path = reverse(route, kwargs=thing.address)
                # What a route does not take the gate says before it looks for the object, and HEAD goes the way of
                # GET: once is enough.
                for method in METHODS if number == 0 else sorted(taken | {"POST"}):
                    must = expected(line, method, facts=stage.facts, actor=actor, thing=thing)
                    yield Cell(route, label, relation, method, must, path)


class Visits:
    """One signed-in client per actor, in two sorts: one that stops behind the gate and one that renders."""

    def __init__(self, stage: Stage) -> None:
        self.stopping: dict[str, Client] = {}
        self.rendering: dict[str, Client] = {}
        with override_settings(MIDDLEWARE=[*settings.MIDDLEWARE, f"{__name__}.Stop"]):
            self._sign_in(self.stopping, stage)
        self._sign_in(self.rendering, stage)

    def _sign_in(self, clients: dict[str, Client], stage: Stage) -> None:
        for label, actor in stage.actors.items():
            client = clients[label] = Client(raise_request_exception=False)
            client.handler.load_middleware()
            if actor is not None:
                sign_in(client, actor)

    def outcome(self, cell: Cell) -> str:
        """What the application does with the cell, in the oracle's words; anything else as its status."""
        response = self.stopping[cell.actor].generic(cell.method, cell.path)
        if response.status_code == LANDED and cell.expected == REFUSED and cell.route in DECIDED_IN_THE_VIEW:
            response = self.rendering[cell.actor].generic(cell.method, cell.path)
        if response.status_code == 302 and response["Location"].startswith(
            reverse("account_login") + "?next="
        ):
            return SIGN_IN
        if response.status_code == 401 and response["Content-Type"] == MEDIA_TYPE:
            return SIGN_IN  # a program is told
        words = {LANDED: ADMITTED, 401: REFUSED, 403: REFUSED, 404: REFUSED, 405: METHOD}
        return words.get(response.status_code, f"status {response.status_code}")

    def wrong(self, matrix: Iterable[Cell]) -> list[str]:
        """The cells where the application does something else than the oracle says, with what it did."""
        with override_settings(TEMPLATES=DECISIONS_ONLY):
            asked = [(cell, self.outcome(cell)) for cell in matrix]
        return [f"{cell}, not {got}" for cell, got in asked if got != cell.expected]
