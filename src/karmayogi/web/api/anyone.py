"""For anyone, signed in or not: whether a certificate stands."""

import datetime as dt
from typing import Any, Literal

from django.utils import timezone
from django.utils.translation import gettext as _

from karmayogi.credentials import verify
from karmayogi.credentials.verify import Facts, State
from karmayogi.institutions.roles import Audience
from karmayogi.web import errors
from karmayogi.web.api.operations import operation
from karmayogi.web.api.shapes import Code, Shape
from karmayogi.web.pages.verify import OFTEN
from karmayogi.web.routes import Data, Scope


class Certificate(Shape):
    """What a certificate says, as signed. `counts_until` is the first day on which it no longer counts."""

    code: str
    holder_name: str
    competency_name: str
    framework: str
    level: int
    levels_on_scale: int
    level_name: str
    evidence_kinds: list[str]
    issuer: str
    issued_at: dt.datetime
    counts_until: dt.date
    withdrawn_at: dt.datetime | None
    withdrawn_because: str
    replaced_by_code: str


class Checked(Shape):
    """One thing that was checked; `passed` is null where it was not reached."""

    what: str
    passed: bool | None


class Verdict(Shape):
    """Whether it stands today. `certificate` is null for a document that is not as it was signed."""

    state: Literal["valid", "expired", "withdrawn", "changed", "cannot_check"]
    checks: list[Checked]
    certificate: Certificate | None


@operation(
    "GET", "certificates/{str:code}", Audience.ANYONE, name="api-verify", answers=Verdict,
    scope=Scope.PUBLISHED, data=Data.PUBLIC, rate=OFTEN,
)  # fmt: skip
def check(request: Any, code: Code) -> Any:
    """Check a certificate by its code.

    No sign-in is needed: whoever holds the paper holds the code. A code that nobody issued is answered with 404.
    """
    answer = verify.check(code, now=timezone.now())
    if answer.state is State.UNKNOWN:
        # The answer, not a refusal: it is not kept as one.
        return errors.page(
            request, 404, _("We have issued no certificate with this code. Compare it with the paper.")
        )
    return Verdict(
        state=answer.state.value,  # type: ignore[arg-type]
        checks=[Checked(what=c.what, passed=c.passed) for c in answer.checks],
        certificate=_certificate(answer.facts) if answer.facts else None,
    )


def _certificate(facts: Facts) -> Certificate:
    return Certificate(
        code=facts.code,
        holder_name=facts.holder,
        competency_name=facts.competency,
        framework=facts.framework,
        level=facts.level,
        levels_on_scale=facts.levels,
        level_name=facts.level_name,
        evidence_kinds=list(facts.kinds),
        issuer=facts.issuer,
        issued_at=facts.issued,
        counts_until=facts.until,
        withdrawn_at=facts.withdrawn_at,
        withdrawn_because=facts.reason,
        replaced_by_code=facts.replaced_by,
    )
