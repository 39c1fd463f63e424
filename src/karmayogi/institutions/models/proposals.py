from django.db import models

from karmayogi.institutions.models.bodies import Body
from karmayogi.institutions.models.people import Person
from karmayogi.institutions.reach import approved as approved
from karmayogi.institutions.roles import GIVING
from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import ACTOR, AUDITED, HELD, Rows, any_of, own

_AT_THE_DESK = (
    f"(maker_id <> {ACTOR} and desk = (select current_setting('app.purpose', true)) and exists"
    " (select 1 from institutions_body reach_b"
    f" where reach_b.id = institutions_proposal.body_id and reach_b.lower <@ {HELD}))"
)
_AUDITED = (
    f"({AUDITED} is not null and exists (select 1 from institutions_body reach_b"
    f" where reach_b.id = institutions_proposal.body_id and reach_b.lower <@ {AUDITED}))"
)
_ASKED = f"(maker_id <> {ACTOR} and desk = 'official' and about_id = {ACTOR})"
_MAKERS = " ".join(
    f"when '{role.value}' then ARRAY[" + ",".join(f"'{m.value}'" for m in sorted(giving.makers)) + "]::text[]"
    for role, giving in GIVING.items()
)
_MAY_ASK = f"(act <> 'grant.give' or institutions_holds((case content->>'role' {_MAKERS} end), body_id))"
"""Authority is asked for by those whose role may ask for it, over the body."""


class Proposal(Fact):
    """A sensitive act that one person asks for and another decides: what, about whom, why, until when.

    `desk`: the audience whose members decide, over `body`; 'official' where the person it is about decides alone.
    `key`: what it is about, so that one act waits once. `content`: what the act needs, as JSON, as it was asked for.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        APPROVED = "approved"
        DECLINED = "declined"
        WITHDRAWN = "withdrawn"
        LAPSED = "lapsed"

    act = models.CharField(max_length=40)
    key = models.CharField(max_length=160)
    about = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    body = models.ForeignKey(Body, models.PROTECT)
    desk = models.CharField(max_length=24)
    content = models.JSONField(default=dict)
    reason = models.TextField()
    maker = models.ForeignKey(Person, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    lapses_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    checker = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)

    PERSONAL = fields("key about content reason maker checker answer")
    PLAIN = fields("id act body desk made_at lapses_at state decided_at")
    rows = Rows(
        read=any_of(own("maker_id"), own("checker_id"), _AT_THE_DESK, _ASKED, _AUDITED),
        insert=f"({own('maker_id')} and state = 'waiting' and {_MAY_ASK})",
        update=any_of(
            f"({own('maker_id')} and state in ('waiting', 'withdrawn'))",
            f"({_AT_THE_DESK} and coalesce(checker_id, {ACTOR}) = {ACTOR})",
            f"({_ASKED} and coalesce(checker_id, {ACTOR}) = {ACTOR})",
        ),
        columns=("state", "checker_id", "decided_at", "answer"),
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["desk", "body"], condition=models.Q(state="waiting"), name="proposals_that_wait"
            ),
            models.Index(fields=["about"], name="proposal_about"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["act", "key"], condition=models.Q(state="waiting"), name="an_act_is_asked_for_once"
            ),
            models.CheckConstraint(
                condition=models.Q(checker=None) | ~models.Q(checker=models.F("maker")),
                name="nobody_decides_what_they_asked_for",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "approved", "declined", "withdrawn", "lapsed"]),
                name="proposal_state_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["approved", "declined"], checker__isnull=False)
                | models.Q(state__in=["waiting", "withdrawn", "lapsed"], checker=None),
                name="who_decides_a_proposal_is_named",
            ),
            models.CheckConstraint(
                condition=models.Q(state="waiting", decided_at=None)
                | (~models.Q(state="waiting") & models.Q(decided_at__isnull=False)),
                name="a_proposal_ends_on_a_day",
            ),
        ]
