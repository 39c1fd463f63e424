"""People: one identity each, found by id, login or employee code."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from karmayogi.institutions.models import Account, Person
from karmayogi.institutions.oneself import ACCOUNT, ONESELF, PERSON
from karmayogi.registry import ids
from karmayogi.registry.acting import present

NATIONAL_DIGITS = 10


class UnknownPerson(LookupError):
    """No person in reach has this id or code."""


class NumberIsNotYours(Exception):
    """A mobile number is changed at the help desk, by two people; nobody changes it by signing in."""

    status = 403


@dataclass(frozen=True)
class PersonCard:
    """A person as other rooms and screens name them."""

    id: UUID
    name: str
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
    """Enrols those whose login and employee code are both free, with an account each; how many were new.

    None can sign in with a password until one is set.
    """
    with transaction.atomic(), connection.cursor() as wrapper:
        cursor = wrapper.cursor
        cursor.execute(_STAGE)
        with cursor.copy(f"COPY staging_enrolment ({', '.join(_STAGED)}) FROM STDIN") as copy:
            for p in people:
                copy.write_row(
                    (
                        p.id or ids.new(),
                        p.login,
                        p.employee_code,
                        p.name,
                        p.email,
                        mobile(p.mobile),
                        p.language,
                        p.joined,
                    )
                )
        cursor.execute(_ENROL)
        new: int = cursor.fetchone()[0]
        cursor.execute("DROP TABLE staging_enrolment")
    return new


def mobile(said: str) -> str:
    """A mobile number as it is kept (E.164): "098000 00001" in India is +919800000001; what is no number stays.

    Digits of any script are understood.
    """
    said = said.strip()
    digits = "".join(filter(str.isdecimal, said))
    if not digits.isascii():
        digits = "".join(str(int(digit)) for digit in digits)
    if said.startswith("+") or not digits:
        return f"+{digits}" if digits else said
    digits = digits.removeprefix("0")
    return f"+{settings.COUNTRY_CODE}{digits}" if len(digits) <= NATIONAL_DIGITS else f"+{digits}"


def by_ids(keys: Iterable[UUID]) -> dict[UUID, PersonCard]:
    """id -> person, for those in reach."""
    return {p.id: _card(p) for p in Person.objects.filter(id__in=list(keys))}


def by_id(key: UUID) -> PersonCard:
    """The person, if in reach; else `UnknownPerson`."""
    found = by_ids([key])
    if not found:
        raise UnknownPerson(_("There is no such person among those you may see."))
    return found[key]


def name_and_joining(key: UUID) -> tuple[str, dt.date | None]:
    """The name and the day of joining as recorded; raises `UnknownPerson`."""
    row = Person.objects.filter(pk=key).values_list("name", "joined").first()
    if row is None:
        raise UnknownPerson(_("There is no such person among those you may see."))
    return row


def by_logins(logins: Sequence[str]) -> dict[str, PersonCard]:
    """login -> person, where the account is in reach: one's own, or any for a job."""
    found = Account.objects.filter(login__in=list(logins)).select_related("person")
    return {a.login: _card(a.person) for a in found}


def by_codes(codes: Sequence[str]) -> dict[str, UUID]:
    """employee code -> id of the record that stays, for those in reach; each code of joined records finds it."""
    # One array, because ten thousand placeholders take longer than the search.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.employee_code, coalesce(same.person_id, p.id) FROM institutions_person p"
            " LEFT JOIN institutions_personalias same ON same.other_id = p.id AND same.until IS NULL"
            " WHERE p.employee_code = ANY(%s)",
            [list(codes)],
        )
        return dict(cursor.fetchall())


def find(text: str) -> list[UUID]:
    """The people with exactly this login or employee code, for jobs and the command line; none or one."""
    by_login = Account.objects.filter(login=text).values_list("person_id", flat=True)
    return list(by_login) or list(Person.objects.filter(employee_code=text).values_list("id", flat=True))


def everyone() -> list[UUID]:
    """The ids of all people in reach, for jobs and audits."""
    return list(Person.objects.order_by("id").values_list("id", flat=True))


def email_of(person: UUID) -> str | None:
    """The e-mail address of a person, None if there is none: many officials have only a mobile. For jobs."""
    return Account.objects.filter(person_id=person).values_list("email", flat=True).first() or None


def languages_by_mail(people: Iterable[UUID]) -> dict[UUID, str]:
    """person -> the language to write to them in, for those who have an e-mail address. For jobs."""
    found = Account.objects.filter(person_id__in=list(people)).exclude(email="")
    return dict(found.values_list("person_id", "person__language"))


def account(login: str) -> Account | None:
    """The account that signs in under this login, for the sign-in machinery only."""
    present(login)
    return Account.objects.filter(login=login, is_active=True).first()


def account_by_mobile(mobile: str) -> Account | None:
    """The account with this mobile number, None if nobody or more than one has it. For the sign-in machinery only."""
    present(mobile)
    found = list(Account.objects.filter(mobile=mobile, is_active=True)[:2]) if mobile else []
    return found[0] if len(found) == 1 else None


def account_by_code(code: str) -> Account | None:
    """The account of the person with this employee code, which somebody trusted has verified."""
    present(code)
    person = Person.objects.filter(employee_code=code).values_list("id", flat=True).first()
    if person is None:
        return None
    present(str(person))
    return Account.objects.filter(person_id=person, is_active=True).first()


def account_of(key: UUID) -> Account | None:
    """The account of a person, with its card, for the sign-in machinery: read at every request, hence in SQL."""
    with connection.cursor() as cursor:
        cursor.execute(_ACCOUNT, [key])
        row = cursor.fetchone()
    if row is None:
        return None
    found: Account = Account.from_db("default", ACCOUNT, row[: len(ACCOUNT)])
    found.person = Person.from_db("default", PERSON, row[len(ACCOUNT) :])
    return found


def card_of(account: Any) -> PersonCard:
    """The card of a signed-in account, which was read with its person."""
    return _card(account.person)


def prefer_language(person: UUID, language: str) -> None:
    """Remembers the language a person chose."""
    Person.objects.filter(id=person).update(language=language)


def _card(person: Person) -> PersonCard:
    return PersonCard(person.id, person.name, person.employee_code, person.language)


_ACCOUNT = f"SELECT {', '.join((*ACCOUNT, *PERSON))} FROM {ONESELF.name} WHERE person_id = %s"  # noqa: S608
_STAGED = ("id", "login", "employee_code", "name", "email", "mobile", "language", "joined")
_STAGE = """
DROP TABLE IF EXISTS staging_enrolment;
CREATE TEMP TABLE staging_enrolment (id uuid, login text, employee_code text, name text, email text, mobile text,
                                     language text, joined date) ON COMMIT DROP
"""
_ENROL = """
WITH person AS (
    INSERT INTO institutions_person (id, employee_code, name, language, joined)
    SELECT DISTINCT ON (s.login) s.id, s.employee_code, s.name, s.language, s.joined FROM staging_enrolment s
    WHERE NOT EXISTS (SELECT 1 FROM institutions_account a WHERE a.login = s.login)
    ORDER BY s.login, s.id
    ON CONFLICT DO NOTHING RETURNING id
), account AS (
    INSERT INTO institutions_account (person_id, login, email, mobile, is_active, password)
    SELECT s.id, s.login, s.email, s.mobile, true, '!' FROM staging_enrolment s JOIN person p ON p.id = s.id
    RETURNING 1
)
SELECT count(*) FROM account
"""
"""Of several with one login the first is enrolled; nobody is enrolled without an account."""
