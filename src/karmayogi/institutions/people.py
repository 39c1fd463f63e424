"""People: one identity each, found by id, login or employee code."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from karmayogi.institutions.models import Person
from karmayogi.registry import bulk, ids


class UnknownPerson(LookupError):
    """No person in reach has this id or code."""


@dataclass(frozen=True)
class PersonCard:
    """A person as other rooms and screens name them."""

    id: UUID
    name: str
    login: str
    employee_code: str | None
    language: str

    @property
    def initials(self) -> str:
        """Up to two first letters, for the round mark beside a name."""
        return "".join(part[0] for part in self.name.split()[:2]).upper()


@dataclass(frozen=True)
class NewPerson:
    """An identity to be enrolled; `employee_code` is the natural key (None for people outside the service)."""

    login: str
    name: str
    employee_code: str | None = None
    email: str = ""
    mobile: str = ""
    language: str = "en"
    joined: dt.date | None = None
    id: UUID | None = None


def enrol(people: Iterable[NewPerson]) -> int:
    """Enrols those not known yet and returns how many were new; none can sign in until a way in is set."""
    columns = [
        "id",
        "login",
        "employee_code",
        "name",
        "email",
        "mobile",
        "language",
        "is_active",
        "joined",
        "password",
    ]
    return bulk.load(
        Person,
        columns,
        (
            (
                p.id or ids.new(),
                p.login,
                p.employee_code,
                p.name,
                p.email,
                p.mobile,
                p.language,
                True,
                p.joined,
                "!",
            )
            for p in people
        ),
    )


def by_ids(keys: Iterable[UUID]) -> dict[UUID, PersonCard]:
    """id -> person, for those in reach."""
    return {p.id: _card(p) for p in Person.objects.filter(id__in=list(keys))}


def by_id(key: UUID) -> PersonCard:
    """The person, if in reach; else `UnknownPerson`."""
    found = by_ids([key])
    if not found:
        raise UnknownPerson(_("There is no such person among those you may see."))
    return found[key]


def by_logins(logins: Sequence[str]) -> dict[str, PersonCard]:
    """login -> person, for those in reach."""
    return {p.login: _card(p) for p in Person.objects.filter(login__in=list(logins))}


def by_codes(codes: Sequence[str]) -> dict[str, UUID]:
    """employee code -> id, for those in reach."""
    # One array, because ten thousand placeholders take longer than the search.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT employee_code, id FROM institutions_person WHERE employee_code = ANY(%s)", [list(codes)]
        )
        return dict(cursor.fetchall())


def find(text: str) -> list[UUID]:
    """The people in reach with exactly this login or employee code; none or one."""
    return list(Person.objects.filter(Q(login=text) | Q(employee_code=text)).values_list("id", flat=True))


def everyone() -> list[UUID]:
    """The ids of all people in reach, for jobs and audits."""
    return list(Person.objects.order_by("id").values_list("id", flat=True))


def email_of(person: UUID) -> str | None:
    """The e-mail address of a person in reach, None if there is none: many officials have only a mobile."""
    return Person.objects.filter(id=person).values_list("email", flat=True).first() or None


def languages_by_mail(people: Iterable[UUID]) -> dict[UUID, str]:
    """person -> the language to write to them in, for those in reach who have an e-mail address."""
    found = Person.objects.filter(id__in=list(people)).exclude(email="")
    return dict(found.values_list("id", "language"))


def account(login: str) -> Person | None:
    """The account that signs in under this login, for the sign-in machinery only."""
    return Person.objects.filter(login=login, is_active=True).first()


def account_of(key: UUID) -> Person | None:
    """The account with this id, for the sign-in machinery only: read at every request, hence in SQL."""
    with connection.cursor() as cursor:
        cursor.execute(_ACCOUNT, [key])
        row = cursor.fetchone()
    return Person.from_db("default", _COLUMNS, row) if row else None


def card_of(account: Any) -> PersonCard:
    """The card of a signed-in account, which is a person already read."""
    return _card(account)


def prefer_language(person: UUID, language: str) -> None:
    """Remembers the language a person chose."""
    Person.objects.filter(id=person).update(language=language)


def _card(person: Person) -> PersonCard:
    return PersonCard(person.id, person.name, person.login, person.employee_code, person.language)


_COLUMNS = [field.attname for field in Person._meta.concrete_fields]
_ACCOUNT = f"SELECT {', '.join(_COLUMNS)} FROM institutions_person WHERE id = %s"  # noqa: S608
