"""The result page of checks that ended long ago."""

import pytest
from django.test import Client
from django.utils.html import strip_tags

from ..security.oracle import rows
from ..signing import sign_in

pytestmark = pytest.mark.django_db
OLD = """
SELECT s.id FROM assessment_sitting s JOIN assessment_ending e ON e.sitting_id = s.id
JOIN institutions_account a USING (person_id)
WHERE a.login = 'meenakshi' AND NOT EXISTS (
  SELECT 1 FROM competency_estimate c
  WHERE c.person_id = s.person_id AND c.competency_id = s.competency_id AND c.recorded_at <= e.recorded_at)
"""


def test_a_check_recorded_before_any_estimate_is_told_with_the_value_of_today() -> None:
    found = rows(OLD)
    assert found, "the demonstration has checks from before its first estimates"
    her = sign_in(Client(), "meenakshi")
    for (sitting,) in found:
        said = strip_tags(her.get(f"/checks/{sitting}/result/").content.decode())
        assert "You are at –" not in said
        assert "You are at " in said
