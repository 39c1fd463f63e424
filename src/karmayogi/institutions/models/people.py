from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from karmayogi.institutions.oneself import ONESELF
from karmayogi.institutions.reach import (
    approved,
    helped,
    in_care,
    in_reach,
    kept,
    overseen,
    recovering,
    supported,
)
from karmayogi.institutions.roll import running
from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.roles import PROVISIONER
from karmayogi.registry.rows import ACTOR, EVERYONE, HELD, PRESENTED, TEAM, Door, Rows, any_of, own

MY_SUPERVISOR = (
    f"exists (select 1 from institutions_roll mine where mine.person_id = {ACTOR}"
    f' and mine.supervisor_id = "institutions_person"."id" and {running("mine.during")})'
)
HOLDER_OR_GIVER = (
    'exists (select 1 from institutions_grant held where held.person_id = "institutions_person"."id"'
    ' or held.granted_by_id = "institutions_person"."id")'
)
"""Whoever holds or gave authority that the actor may read of is known by name."""

SUGGESTED = (
    "exists (select 1 from institutions_likelysame likely"
    ' where "institutions_person"."id" in (likely.one_id, likely.other_id))'
)
"""Named in a suggestion that the actor may read."""
HOLDS_THE_NUMBER = (
    "exists (select 1 from institutions_recovery number where number.new_mobile = institutions_account.mobile"
    f" and number.new_mobile <> '' and number.touched_by_id = {ACTOR}"
    " and number.touched_at = transaction_timestamp())"
)
"""While a number is given to somebody, whoever has it already shows, so that no two people have one number."""

JOINED_BY_APPROVAL = (
    f"({approved('asked_id', 'person.merge')} and exists (select 1 from institutions_proposal joins"
    " where joins.id = asked_id and joins.about_id = person_id and joins.content->>'other' = other_id::text))"
)
PARTED_BY_APPROVAL = (
    f"({approved('ended_id', 'person.split')} and exists (select 1 from institutions_proposal parts"
    " where parts.id = ended_id and parts.content->>'alias' = institutions_personalias.id::text))"
)


class Person(Fact):
    """One identity for everything a person is here: official, supervisor, assessor, clerk.

    How they sign in and how they are reached stands in their account, which fewer people see.
    """

    employee_code = models.CharField(max_length=40, null=True)
    name = models.CharField(max_length=200)
    language = models.CharField(max_length=16, default="en")
    joined = models.DateField(null=True)

    PERSONAL = fields("employee_code name language joined")
    PLAIN = fields("id")
    rows = Rows(
        read=any_of(
            own("id"),
            in_reach("institutions_person", "id"),
            MY_SUPERVISOR,
            helped("institutions_person", "id"),
            kept("institutions_person", "id"),
            SUGGESTED,
            f"{PRESENTED} in (id::text, employee_code)",
            overseen("institutions_person", "id"),
            supported("institutions_person", "id"),
            HOLDER_OR_GIVER,
        ),
        update=own("id"),
        columns=("language",),
        doors=(
            Door(
                PROVISIONER,
                read=in_care('"institutions_person"."id"'),
                insert=EVERYONE,
                update=in_care('"institutions_person"."id"'),
                columns=("name", "employee_code"),
            ),
        ),
    )

    class Meta:
        indexes = [GinIndex(fields=["name"], opclasses=["gin_trgm_ops"], name="person_name_trigrams")]
        # Not `unique=True`, which would keep a second index for LIKE.
        constraints = [
            models.UniqueConstraint(fields=["employee_code"], name="employee_code_names_one_person")
        ]

    def __str__(self) -> str:
        return self.name


class Account(AbstractBaseUser):
    """How one person signs in and is reached: read by that person, and by nobody else on the web.

    While somebody signs in, the one account whose id, login or mobile was presented is open too.
    """

    person = models.OneToOneField(Person, models.CASCADE, primary_key=True, related_name="+")
    login = models.CharField(max_length=80)
    email = models.EmailField(blank=True)
    mobile = models.CharField(max_length=20, blank=True)
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "login"
    EMAIL_FIELD = "email"
    objects = BaseUserManager["Account"]()

    PERSONAL = fields("person login email mobile is_active password last_login")
    PLAIN = fields("")
    rows = Rows(
        read=any_of(
            own("person_id"),
            f"{PRESENTED} in (person_id::text, login, nullif(mobile, ''))",
            recovering("person_id"),
            HOLDS_THE_NUMBER,
        ),
        # A trigger says who may write which mobile; here PostgreSQL knows columns only.
        update=any_of(own("person_id"), recovering("person_id")),
        columns=("password", "last_login", "mobile"),
        monitored=False,
        doors=(
            Door(
                PROVISIONER,
                read=in_care('"institutions_account"."person_id"'),
                # A machine never sets what opens an account.
                insert="(password = '!' and mobile = '')",
                update=in_care('"institutions_account"."person_id"'),
                reads=("person_id", "login", "email", "is_active"),
                columns=("login", "email", "is_active"),
            ),
        ),
    )
    views = (ONESELF,)

    class Meta:
        indexes = [
            models.Index(fields=["mobile"], condition=~models.Q(mobile=""), name="account_mobile"),
        ]
        constraints = [models.UniqueConstraint(fields=["login"], name="login_opens_one_account")]

    def __str__(self) -> str:
        return self.login


class PersonAlias(Fact):
    """Another id under which the same person is known; read together, so that a merge rewrites no history.

    `kind` "person": `other` is a record of the same person, joined by the proposal `asked` and parted by `ended`.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="aliases")
    other = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    alias = models.CharField(max_length=80)
    kind = models.CharField(max_length=20)
    order_no = models.CharField(max_length=80)
    asked = models.OneToOneField("institutions.Proposal", models.PROTECT, null=True, related_name="+")
    ended = models.OneToOneField("institutions.Proposal", models.PROTECT, null=True, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    PERSONAL = fields("person other alias kind since until")
    PLAIN = fields("id order_no asked ended")
    rows = Rows(
        # Pairs of ids without a name: who acts for an office needs them to read one person's rows together.
        read=any_of(
            own("person_id"), own("other_id"), f"{HELD} is not null", TEAM, f"{PRESENTED} = other_id::text"
        ),
        insert=JOINED_BY_APPROVAL,
        update=any_of("ended_id is null", PARTED_BY_APPROVAL),
        columns=("until", "ended_id"),
    )

    class Meta:
        indexes = [
            models.Index(fields=["other"], condition=models.Q(until=None), name="alias_other"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "alias"],
                condition=models.Q(until__isnull=True),
                name="alias_names_one_person",
            ),
            models.CheckConstraint(
                condition=models.Q(other=None) | ~models.Q(person=models.F("other")),
                name="nobody_is_joined_with_themselves",
            ),
            models.CheckConstraint(
                condition=models.Q(other=None)
                | models.Q(until=None, ended=None)
                | models.Q(until__isnull=False, ended__isnull=False),
                name="what_is_joined_is_parted_by_two",
            ),
        ]
