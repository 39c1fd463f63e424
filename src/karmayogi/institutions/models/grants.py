from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db import models

from karmayogi.institutions.models.bodies import Body
from karmayogi.institutions.models.people import Person
from karmayogi.institutions.models.proposals import Proposal
from karmayogi.institutions.oneself import HELD
from karmayogi.institutions.reach import SUPPORTING, in_care, mine
from karmayogi.institutions.roles import GIVING, SEES_PEOPLE, Role
from karmayogi.institutions.roll import IN_SIGHT, JOINED, ROLL, running
from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.roles import PROVISIONER
from karmayogi.registry.rows import (
    ACTOR,
    AUDITED,
    AUTHORISED,
    HELPED,
    KEPT,
    ON,
    OVERSEEN,
    PURPOSE,
    REACHED,
    SCOPES,
    TEAM,
    Door,
    Rows,
    any_of,
    own,
)


def _array(roles: "frozenset[Role]") -> str:
    return "ARRAY[" + ",".join(f"'{r.value}'" for r in sorted(roles)) + "]::text[]"


def _by_role(column: str, said: "dict[Role, str]") -> str:
    return f"(case {column} " + " ".join(f"when '{r.value}' then {sql}" for r, sql in said.items()) + " end)"


CHECKERS = _by_role("institutions_grant.role", {r: _array(g.checkers) for r, g in GIVING.items()})
_STOPPERS = _by_role("held.role", {r: _array(g.makers | g.checkers) for r, g in GIVING.items()})
_LONGEST = _by_role("role", {r: str(g.longest) for r, g in GIVING.items() if g.longest is not None})
_OVER_ME = (
    f"((select {PURPOSE} = 'official') and role = any ({_array(SEES_PEOPLE)}) and during @> {ON} and exists (select 1"
    " from institutions_assignment mine join institutions_body at_b on at_b.id = mine.body_id"
    " join institutions_body over_b on over_b.id = institutions_grant.body_id"
    f" where mine.person_id = {ACTOR} and mine.during @> {ON}"
    " and over_b.lower <= at_b.lower and at_b.lower < over_b.upper))"
)
"""Authority of others over the body where the actor serves today: everyone may know who can see their record."""
_DECIDED = (
    f"(source_id is null and granted_by_id = {ACTOR} and exists (select 1 from institutions_proposal asked"
    " where asked.id = institutions_grant.proposal_id and asked.act = 'grant.give' and asked.state = 'approved'"
    f" and asked.checker_id = {ACTOR} and asked.maker_id <> institutions_grant.person_id"
    " and asked.about_id = institutions_grant.person_id and asked.body_id = institutions_grant.body_id"
    " and asked.content->>'role' = institutions_grant.role and daterange((asked.content->>'since')::date,"
    " (asked.content->>'until')::date) = institutions_grant.during)"
    f" and institutions_holds({CHECKERS}, institutions_grant.body_id)"
    f" and coalesce(upper(during) - lower(during) <= {_LONGEST}, {_LONGEST} is null))"
)
"""Given as it was asked for, by the one who approved it and whose role decides on this one."""
_PASSED_ON = (
    f"(source_id is not null and proposal_id is null and granted_by_id = {ACTOR} and role = any"
    f" ({_array(frozenset(r for r, g in GIVING.items() if g.delegable))}))"
)
"""A part of the actor's own authority; the trigger `lies_within_its_source` compares the two."""


class Grant(Fact):
    """Authority: a role over a body and its subtree, from a day to a day, by an order, given by someone.

    `proposal`: what two people decided it by. `source`: the grant it is a part of, where its holder passed it on.
    Whether it counts on a day is said by `during` and by the stops of it and of its source.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="grants")
    role = models.CharField(max_length=32)
    body = models.ForeignKey(Body, models.PROTECT)
    during = DateRangeField()
    order_no = models.CharField(max_length=80)
    granted_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)
    proposal = models.OneToOneField(Proposal, models.PROTECT, null=True, related_name="+")
    source = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")

    PERSONAL = fields("person role body during granted_by")
    PLAIN = fields("id order_no recorded_at proposal source")
    views = (HELD,)
    rows = Rows(
        read=any_of(
            own("person_id"),
            own("granted_by_id"),
            f"({AUTHORISED} is not null and exists (select 1 from institutions_body reach_b"
            f" where reach_b.id = body_id and (reach_b.lower <@ {AUTHORISED}"
            # Who audits a body is told of everybody with authority over it, from above too.
            f" or int4range(reach_b.lower, reach_b.upper) @> {AUDITED})))",
            _OVER_ME,
            # Who helps others to sign in is no secret at the desk: their own accounts are recovered by a desk above.
            f"({HELPED} is not null and role = 'help_desk')",
        ),
        insert=any_of(_DECIDED, _PASSED_ON),
        # That there is a grant, not which.
        doors=(Door(PROVISIONER, read=in_care('"institutions_grant"."person_id"'), reads=("person_id",)),),
    )

    class Meta:
        indexes = [models.Index(fields=["person"], name="grant_person")]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(person=models.F("granted_by")),
                name="nobody_grants_authority_to_themselves",
            )
        ]


_MAY_STOP = (
    f"(held.source_id is not null and held.granted_by_id = {ACTOR}"
    f" or institutions_holds({_STOPPERS}, held.body_id))"
)


class GrantStop(Fact):
    """Days on which a grant does not count: suspended until somebody lifts it, or ended before its time."""

    class Kind(models.TextChoices):
        SUSPENDED = "suspended"
        ENDED = "ended"

    grant = models.ForeignKey(Grant, models.PROTECT, related_name="stops")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    during = DateRangeField()
    reason = models.TextField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    lifted_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_why = models.TextField(blank=True)

    ABOUT = "grant_id in (select held.id from institutions_grant held where held.person_id = %(person)s)"
    PERSONAL = fields("grant kind during reason by lifted_by lifted_why")
    PLAIN = fields("id recorded_at lifted_at")
    rows = Rows(
        # Whoever reads a grant reads its stops and those of its source: a stop unseen would leave the grant open.
        read=any_of(
            "exists (select 1 from institutions_grant held where held.id = institutions_grantstop.grant_id)",
            "exists (select 1 from institutions_grant held where held.source_id = institutions_grantstop.grant_id)",
        ),
        insert=f"(by_id = {ACTOR} and lifted_by_id is null and exists (select 1 from institutions_grant held"
        f" where held.id = institutions_grantstop.grant_id and ({_MAY_STOP}"
        f" or kind = 'ended' and held.person_id = {ACTOR})))",
        update=f"(kind = 'suspended' and coalesce(lifted_by_id, {ACTOR}) = {ACTOR} and exists (select 1 from"
        f" institutions_grant held where held.id = institutions_grantstop.grant_id and held.person_id <> {ACTOR}"
        f" and {_MAY_STOP}))",
        columns=("during", "lifted_by_id", "lifted_at", "lifted_why"),
    )

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="a_grant_is_stopped_once_at_a_time",
                expressions=[
                    ("grant", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["suspended", "ended"]), name="kind_of_stop_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(lifted_by=None, lifted_at=None)
                | models.Q(kind="suspended", lifted_by__isnull=False, lifted_at__isnull=False),
                name="only_a_suspension_is_lifted",
            ),
        ]


class SupportVisit(Fact):
    """For how long a person lets somebody of the support look at their pages; the person can end it at once."""

    proposal = models.OneToOneField(Proposal, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    supporter = models.ForeignKey(Person, models.PROTECT, related_name="+")
    begins_at = models.DateTimeField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    PERSONAL = fields("person supporter begins_at until ended_at")
    PLAIN = fields("id proposal")
    row_questions = (SUPPORTING,)
    rows = Rows(
        read=any_of(own("person_id"), own("supporter_id")),
        insert=f"({own('person_id')} and exists (select 1 from institutions_proposal asked where"
        " asked.id = proposal_id and asked.act = 'support.look' and asked.state = 'approved'"
        f" and asked.checker_id = {ACTOR} and asked.about_id = {ACTOR} and asked.maker_id = supporter_id))",
        update=own("person_id"),
        columns=("ended_at",),
    )

    class Meta:
        indexes = [models.Index(fields=["person", "supporter"], name="support_person")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until__gt=models.F("begins_at")), name="a_visit_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=~models.Q(person=models.F("supporter")), name="nobody_supports_themselves"
            ),
        ]


ORDERED_IN_SCOPE = (
    "(select current_setting('app.purpose', true) = 'order') and exists (select 1 from institutions_body reach_b"
    f" where reach_b.id = body_id and reach_b.lower <@ {SCOPES})"
)
"""An order being put in force may write assignments of bodies in the actor's scopes."""


SERVES_IN_CARE = (
    f"(during @> {ON} and (exists (select 1 from institutions_body care_b where care_b.id = body_id and care_b.lower <@"
    f" {REACHED}) or exists (select 1 from institutions_provisionedperson care_p where care_p.client_id = {ACTOR}"
    ' and care_p.person_id = "institutions_assignment"."person_id")))'
)
"""Today's service in the subtree of a client that provisions people, and that of the people it has in its care."""


class Assignment(Fact):
    """Who serves where, under whom, on which post: written downward by orders, read by the gate and by gaps.

    `post` and `position` are ids of rooms above; this room only carries them.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="assignments")
    body = models.ForeignKey(Body, models.PROTECT, db_index=False)
    post = models.UUIDField(null=True)
    position = models.CharField(max_length=80, blank=True)
    designation = models.CharField(max_length=200)
    supervisor = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=24, default="substantive")
    share = models.DecimalField(max_digits=4, decimal_places=3, default=1)
    during = DateRangeField()
    order_no = models.CharField(max_length=80)

    PERSONAL = fields("person body post position designation supervisor kind share during order_no")
    PLAIN = fields("id")
    rows = Rows(
        read=any_of(
            mine("institutions_assignment", "person_id"),
            f"({TEAM} and supervisor_id = {ACTOR} and {running('during')})",
            f"({SCOPES} is not null and {running('during')} and exists (select 1 from institutions_body reach_b"
            f" where reach_b.id = body_id and reach_b.lower <@ {SCOPES}))",
            f"({HELPED} is not null and during @> {ON} and exists (select 1 from institutions_body reach_b"
            f" where reach_b.id = body_id and reach_b.lower <@ {HELPED}))",
            f"({KEPT} is not null and exists (select 1 from institutions_body reach_b"
            f" where reach_b.id = body_id and reach_b.lower <@ {KEPT}))",
            f"({OVERSEEN} is not null and during @> {ON} and exists (select 1 from institutions_body seen_b"
            f" where seen_b.id = body_id and seen_b.lower <@ {OVERSEEN}))",
            # An order ends a row today; PostgreSQL wants the row as it then stands to be readable.
            ORDERED_IN_SCOPE,
        ),
        insert=ORDERED_IN_SCOPE,
        update=ORDERED_IN_SCOPE,
        delete=ORDERED_IN_SCOPE,
        doors=(Door(PROVISIONER, read=SERVES_IN_CARE),),
    )
    views = (JOINED, ROLL, IN_SIGHT)

    class Meta:
        indexes = [
            GistIndex(fields=["body", "during"], name="assignment_body_during"),
            # A barrier lets no condition on the days through, and by the body alone the one above is ten times slower.
            models.Index(fields=["body"], name="assignment_body"),
            models.Index(fields=["post"], name="assignment_post"),
        ]
