from django.db import models

from karmayogi.institutions.reach import about
from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import ACTOR, DECIDING, SCOPES, Rows, any_of

IN_SCOPE = f"({DECIDING} and exists (select 1 from institutions_body b where b.id = body_id and b.lower <@ {SCOPES}))"

POST_IN_SCOPE = (
    "exists (select 1 from ehrms_post p join institutions_body b on b.id = p.body_id"
    f" where p.id = post_id and b.lower <@ {SCOPES})"
)
MADE_A_REACHED_POSTING = "exists (select 1 from ehrms_posting h where h.order_id = ehrms_order.id)"
"""An order in force may be read by whoever may read a posting it made. Not by its lines: writing a line asks for its
order, and two tables whose conditions ask each other can be neither written nor read."""


class Order(Fact):
    """An instrument of personnel: draft > examined > recommended > issued > in force | cancelled by another."""

    number = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=32)
    body = models.ForeignKey("institutions.Body", models.PROTECT, related_name="+")
    state = models.CharField(max_length=16)
    maker = models.ForeignKey("institutions.Person", models.PROTECT, null=True, related_name="+")
    checker = models.ForeignKey("institutions.Person", models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    issued_at = models.DateTimeField(null=True)
    effective = models.DateField()
    reason = models.TextField(blank=True)
    outside_bracket = models.BooleanField(default=False)
    examination = models.JSONField(default=list)
    ranking = models.ForeignKey("ehrms.Ranking", models.PROTECT, null=True, related_name="orders")

    PERSONAL = fields("maker checker reason examination outside_bracket ranking")
    PLAIN = fields("id number kind body state made_at issued_at effective")
    rows = Rows(
        read=any_of(IN_SCOPE, f"maker_id = {ACTOR}", f"checker_id = {ACTOR}", MADE_A_REACHED_POSTING),
        insert=f"{IN_SCOPE} and maker_id = {ACTOR} and state <> 'in_force'",
        update=IN_SCOPE,
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["-made_at"], name="order_latest_of_house", condition=models.Q(maker__isnull=False)
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(maker=models.F("checker")), name="maker_is_not_checker"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    state__in=["draft", "examined", "recommended", "issued", "in_force", "cancelled"]
                ),
                name="order_state_is_known",
            ),
        ]


class OrderLine(Fact):
    """What the order does to one official and one post, from a day (to a day, if it is already known)."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines", db_index=False)
    person = models.ForeignKey("institutions.Person", models.PROTECT, related_name="+")
    post = models.ForeignKey("ehrms.Post", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=24)
    since = models.DateField()
    until = models.DateField(null=True)
    part_from = models.SmallIntegerField(default=0)
    part_to = models.SmallIntegerField(default=1000)

    PERSONAL = fields("person post kind since until part_from part_to")
    PLAIN = fields("id order")
    rows = Rows(
        read=any_of(about("ehrms_orderline"), f"({DECIDING} and {POST_IN_SCOPE})"),
        insert=(
            "exists (select 1 from ehrms_order o where o.id = order_id"
            f" and o.maker_id = {ACTOR} and o.state <> 'in_force')"
        ),
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "person", "post", "since", "kind"], name="order_says_it_once"
            )
        ]
