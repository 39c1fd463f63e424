"""Private to policy: other rooms call its noun modules."""

from karmayogi.policy.models.breaches import Affected, Breach
from karmayogi.policy.models.consents import Acknowledgement, Consent
from karmayogi.policy.models.holds import Hold
from karmayogi.policy.models.rules import Rule

__all__ = ["Acknowledgement", "Affected", "Breach", "Consent", "Hold", "Rule"]
