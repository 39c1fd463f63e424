"""What the desks of the access matrix decide about: proposals, questions, grants, recoveries, joins, breaches."""

import io
import json
from uuid import UUID, uuid4

from django.utils import timezone

from karmayogi.registry import files

from .cast import Cast
from .oracle import (
    Thing,
    rows,
)


class Papers(Cast):
    """Papers of the desks, one for each actor and relation, made when they are first asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.questions: dict[tuple, UUID] = {}
        self.objections: dict[tuple, UUID] = {}
        self.papers: dict[tuple, UUID] = {}

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
