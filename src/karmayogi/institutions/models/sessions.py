from typing import Any

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from karmayogi.institutions.models.people import Person
from karmayogi.institutions.oneself import BEGUN
from karmayogi.institutions.reach import approved, recovering
from karmayogi.registry.fields import fields
from karmayogi.registry.rows import ACTOR, Rows, any_of

_PRESENTED = "session_key = (select current_setting('app.session', true))"
_MINE = any_of(_PRESENTED, f"person_id = {ACTOR}")
_JOINED = (
    "exists (select 1 from institutions_personalias gone where gone.other_id = institutions_session.person_id"
    f" and {approved('gone.asked_id', 'person.merge')})"
)
_ENDS = any_of(_MINE, recovering("institutions_session.person_id"), _JOINED)


class Session(AbstractBaseSession):
    """A sign-in that lasts: a request reads the one whose key it presents, its person sees and ends all of theirs."""

    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="+")
    opened_at = models.DateTimeField(null=True)
    place = models.CharField(max_length=45, blank=True)
    device = models.CharField(max_length=200, blank=True)

    PERSONAL = fields("session_key session_data expire_date person opened_at place device")
    PLAIN = fields("")
    views = (BEGUN,)
    rows = Rows(read=_ENDS, insert=_PRESENTED, update=_PRESENTED, delete=_ENDS, monitored=False)

    class Meta:
        indexes = [models.Index(fields=["person"], name="session_person")]

    @classmethod
    def get_session_store_class(cls) -> Any:
        """The store that keeps its sessions here."""
        from karmayogi.institutions.sessions import SessionStore

        return SessionStore
