"""Private to planning: other rooms call its noun modules."""

from karmayogi.planning.models.plans import ActivityTemplate, Plan, PlanItem

__all__ = ["ActivityTemplate", "Plan", "PlanItem"]
