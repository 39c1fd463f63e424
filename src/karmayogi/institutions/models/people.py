from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from karmayogi.institutions.reach import in_care, in_reach, overseen, supported
from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.roles import PROVISIONER
from karmayogi.registry.rows import ACTOR, EVERYONE, ON, PRESENTED, Door, Rows, any_of, own

MY_SUPERVISOR = (
    f"exists (select 1 from institutions_assignment mine where mine.person_id = {ACTOR}"
    f' and mine.supervisor_id = "institutions_person"."id" and mine.during @> {ON})'
)
HOLDER_OR_GIVER = (
    'exists (select 1 from institutions_grant held where held.person_id = "institutions_person"."id"'
    ' or held.granted_by_id = "institutions_person"."id")'
)
"""Whoever holds or gave authority that the actor may read of is known by name."""


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
        read=any_of(own("person_id"), f"{PRESENTED} in (person_id::text, login, nullif(mobile, ''))"),
        update=own("person_id"),
        columns=("password", "last_login"),
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

    class Meta:
        indexes = [
            models.Index(fields=["mobile"], condition=~models.Q(mobile=""), name="account_mobile"),
        ]
        constraints = [models.UniqueConstraint(fields=["login"], name="login_opens_one_account")]

    def __str__(self) -> str:
        return self.login


class PersonAlias(Fact):
    """Another id under which the same person is known; read together, so that a merge rewrites no history."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="aliases")
    alias = models.CharField(max_length=80)
    kind = models.CharField(max_length=20)
    order_no = models.CharField(max_length=80)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    PERSONAL = fields("person alias kind since until")
    PLAIN = fields("id order_no")
    rows = Rows(read=own("person_id"))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "alias"],
                condition=models.Q(until__isnull=True),
                name="alias_names_one_person",
            )
        ]
