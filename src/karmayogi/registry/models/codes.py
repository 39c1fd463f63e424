from django.db import models

from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import Rows
from karmayogi.registry.showing import BY_CODE


class VerifyCode(Fact):
    """A code printed on something we issued. Read only by whoever knows the code itself."""

    code = models.CharField(max_length=12, unique=True)
    kind = models.CharField(max_length=40)
    object = models.UUIDField()

    PLAIN = fields("id code kind object")
    rows = Rows(read=BY_CODE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "object"], name="one_code_per_object")]
