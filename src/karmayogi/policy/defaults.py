"""The house's own rules, by an order of our own: what the service runs on until a real order says otherwise."""

import datetime as dt
import math
from typing import Any

from karmayogi.policy.issuing import NewRule

SINCE = dt.date(2020, 1, 1)
YEARS_TO_HALF = {"behavioural": 6, "functional": 3, "domain": 2}
"""Years after which half of what an estimate knew above or below its cohort has faded."""

_DRIFT = {
    kind: {"mean": 0.0, "sd": 1.0, "rate_per_day": round(math.log(2) / (365.25 * years), 9)}
    for kind, years in YEARS_TO_HALF.items()
}
_SOURCES = {
    "completed": {"weight": 0, "expires_days": None},
    "self_rating": {"weight": 0, "expires_days": None},
    "test": {"weight": 1, "expires_days": 1096},
    "supervised_test": {"weight": 1, "expires_days": 1826},
    "rating": {"weight": 1, "noise": 0.6, "halo": 0.55, "merge_days": 30, "expires_days": 731},
    "work_product": {"weight": 1, "noise": 0.5, "halo": 0.35, "merge_days": 30, "expires_days": 1096},
}
_DECISIONS = ("development", "certificate", "appraisal", "posting", "promotion")
_USE = {
    "completed": [],
    "self_rating": ["development"],
    "test": ["development", "certificate", "posting"],
    "supervised_test": list(_DECISIONS),
    "rating": ["development", "certificate", "posting"],
    "work_product": list(_DECISIONS),
}
RECORD = "record"
"""Kept as long as the person's record, or until erased."""
_MONTHS: dict[str, int | str] = {
    "service": RECORD, "office": RECORD, "sign-in": 24, "levels": 120, "checks": 60, "certificates": 120,
    "learning": 120, "questions": 60, "messages": 24, "work": 12, "consents": 84, "breaches": 36, "log": 36,
}  # fmt: skip
"""Ours, until counsel confirms them or an order says otherwise; the log never less than `privacy.log_least_months`."""
_VALUES: dict[str, tuple[str, Any]] = {
    "evidence.sure": ("number", 0.8),
    "evidence.least_information": ("number", 1.0),
    "evidence.drift": ("table", _DRIFT),
    "evidence.sources": ("table", _SOURCES),
    "evidence.use": (
        "table",
        {source: {d: d in allowed for d in _DECISIONS} for source, allowed in _USE.items()},
    ),
    "award.least_kinds": ("number", 2),
    "learning.least_share_of_time": ("number", 0.5),
    "assessment.check": ("table", {"shortest": 5, "longest": 12, "precision": 0.45, "exposure_cap": 0.25}),
    "assessment.retake_days": ("number", 30),
    "appeal.result": ("table", {"roles": ["assessor", "appeal_panel"], "days": 15}),
    "correct.record": ("table", {"roles": ["establishment_clerk", "establishment_verifier"], "days": 15}),
    "plan.hours_per_month": ("number", 6),
    "plan.shares": ("list", [0.7, 0.2, 0.1]),
    "plan.shares_tolerance": ("number", 0.1),
    "breach.clocks": ("table", {"cert": 6, "board": 72}),
    # Long enough that whoever still reads the former number or the e-mail can object on the same working day.
    "account.recovery_wait_hours": ("number", 4),
    "privacy.retention": ("table", _MONTHS),
    "privacy.log_least_months": ("number", 12),
    "record.open_minutes": ("number", 30),
    "support.look_minutes": ("number", 60),
    "grant.notice_days": ("number", 14),
}

HOUSE_DEFAULTS: tuple[NewRule, ...] = (
    *(
        NewRule(key, kind, value, order_no="demo/1", order_date=SINCE, since=SINCE, scope="all")
        for key, (kind, value) in _VALUES.items()
    ),
    # the starter rules set this one again from 2026 on, for the same scope
    NewRule("privacy.small_cell", "number", 10, "demo/1", SINCE, order_date=SINCE, scope="publications"),
)
"""Issue them with `rules.issue(HOUSE_DEFAULTS)`; a second time changes nothing."""
