"""The nightly publication."""

from typing import Any

from django.utils import timezone

from karmayogi.monitoring import indicators
from karmayogi.registry.jobs import Progress, job


@job("monitoring.publish", cron="10 2 * * *", title="Publish the indicators", whole=False)
def publish(progress: Progress) -> dict[str, Any]:
    """Publishes all indicators as of now."""
    progress.set(1)
    made = indicators.publish(now=timezone.now())
    progress.step()
    return {"publication": str(made)}
