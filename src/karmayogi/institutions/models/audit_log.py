from django.db import models

from karmayogi.registry.fields import Fact, fields
from karmayogi.registry.rows import PUBLIC, WORKERS_ONLY


class AuditLeaf(Fact):
    """A sealed entry: its place in the log, the text that went into the tree (`standards.logbook`), its leaf hash.

    Its id is the id of the audit row. Nothing personal stands here, and nothing here ever changes.
    """

    position = models.BigIntegerField(unique=True)
    leaf = models.TextField()
    hash = models.BinaryField()

    PLAIN = fields("id position leaf hash")
    rows = PUBLIC


class AuditNode(Fact):
    """The hash over 256 neighbouring leaves (level 1), over 256 of those (level 2), and so on: full ones only."""

    level = models.SmallIntegerField()
    place = models.BigIntegerField()
    hash = models.BinaryField()

    PLAIN = fields("id level place hash")
    rows = PUBLIC

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "place"], name="audit_node_stands_once")]


class AuditCheckpoint(Fact):
    """What the log said of itself after a seal: size, root, and the signed note.

    `snapshot`: which transactions were seen to have ended; the next seal takes what this one could not see.
    `system`: the database cluster those transaction numbers belong to.
    """

    size = models.BigIntegerField(unique=True)
    root = models.BinaryField()
    note = models.TextField()
    sealed_at = models.DateTimeField()
    snapshot = models.TextField()
    system = models.CharField(max_length=24)

    PLAIN = fields("id size root note sealed_at snapshot system")
    rows = PUBLIC


class AuditCosignature(Fact):
    """That a witness has a checkpoint; `line`: its cosignature, '' from one that only stores."""

    checkpoint = models.ForeignKey(AuditCheckpoint, models.PROTECT, related_name="cosignatures")
    witness = models.CharField(max_length=160)
    line = models.TextField(blank=True)
    at = models.DateTimeField()

    PLAIN = fields("id checkpoint witness line at")
    rows = PUBLIC

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["checkpoint", "witness"], name="a_witness_sees_a_checkpoint_once")
        ]


class AuditWitness(Fact):
    """How it stands with a witness: the size it has seen, and since when and why it fails."""

    name = models.CharField(max_length=160, unique=True)
    size = models.BigIntegerField(default=0)
    failures = models.IntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    again_at = models.DateTimeField(null=True)
    said = models.CharField(max_length=300, blank=True)
    refused = models.BooleanField(default=False)

    PLAIN = fields("id name size failures failing_since again_at said refused")
    rows = WORKERS_ONLY
