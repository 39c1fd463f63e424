"""The sealed log beside the audit rows, and what the tables promise: rows are appended, and erased, nothing else."""

import django.db.models.deletion
from django.db import migrations, models

import karmayogi.institutions.models.audit
import karmayogi.registry.ids

ID = ("id", models.UUIDField(default=karmayogi.registry.ids.new, editable=False, primary_key=True, serialize=False))
KEPT = ("auditleaf", "auditnode", "auditcheckpoint", "auditcosignature")

# 244 random bits from the server's strong generator; nobody who writes a row chooses its salt.
SALT = "uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())"

FILL = f"""
INSERT INTO institutions_auditrow (id, at, actor, act, object_kind, object_id, reason, details)
    SELECT id, at, actor, 'request.refuse', 'route', route, reason, jsonb_build_object('method', method)
    FROM institutions_refusal;
UPDATE institutions_auditrow SET salt = {SALT}, xid = pg_current_xact_id();
"""

GUARDS = f"""
CREATE FUNCTION institutions_auditrow_is_born() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.salt := {SALT};
    NEW.xid := pg_current_xact_id();
    RETURN NEW;
END $$;

CREATE FUNCTION institutions_auditrow_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.salt IS NOT NULL AND current_setting('app.purpose', true) = 'erasure'
       AND EXISTS (SELECT 1 FROM institutions_auditleaf l WHERE l.id = OLD.id) THEN
        OLD.salt := NULL;
        OLD.actor := NULL;
        OLD.object_id := '';
        OLD.reason := '';
        OLD.details := '{{}}';
        IF OLD IS NOT DISTINCT FROM NEW THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'An audit row is kept as it was written; a sealed one can be erased, whole.'
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION institutions_audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The sealed log is appended to: % has no row to change or delete.', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER is_born BEFORE INSERT ON institutions_auditrow
    FOR EACH ROW EXECUTE FUNCTION institutions_auditrow_is_born();
CREATE TRIGGER is_kept BEFORE UPDATE OR DELETE ON institutions_auditrow
    FOR EACH ROW EXECUTE FUNCTION institutions_auditrow_is_kept();
""" + "".join(
    f"""CREATE TRIGGER is_kept BEFORE UPDATE OR DELETE ON institutions_{table}
    FOR EACH ROW EXECUTE FUNCTION institutions_audit_is_kept();
"""
    for table in KEPT
)

DROP = """
DROP FUNCTION institutions_auditrow_is_born() CASCADE;
DROP FUNCTION institutions_auditrow_is_kept() CASCADE;
DROP FUNCTION institutions_audit_is_kept() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("institutions", "0003_spellings_in_time")]
    operations = [
        migrations.CreateModel(
            name="AuditCheckpoint",
            fields=[
                ID,
                ("size", models.BigIntegerField(unique=True)),
                ("root", models.BinaryField()),
                ("note", models.TextField()),
                ("sealed_at", models.DateTimeField()),
                ("snapshot", models.TextField()),
                ("system", models.CharField(max_length=24)),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="AuditLeaf",
            fields=[
                ID,
                ("position", models.BigIntegerField(unique=True)),
                ("leaf", models.TextField()),
                ("hash", models.BinaryField()),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="AuditNode",
            fields=[
                ID,
                ("level", models.SmallIntegerField()),
                ("place", models.BigIntegerField()),
                ("hash", models.BinaryField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("level", "place"), name="audit_node_stands_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditWitness",
            fields=[
                ID,
                ("name", models.CharField(max_length=160, unique=True)),
                ("size", models.BigIntegerField(default=0)),
                ("failures", models.IntegerField(default=0)),
                ("failing_since", models.DateTimeField(null=True)),
                ("again_at", models.DateTimeField(null=True)),
                ("said", models.CharField(blank=True, max_length=300)),
                ("refused", models.BooleanField(default=False)),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="AuditCosignature",
            fields=[
                ID,
                ("witness", models.CharField(max_length=160)),
                ("line", models.TextField(blank=True)),
                ("at", models.DateTimeField()),
                (
                    "checkpoint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cosignatures",
                        to="institutions.auditcheckpoint",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("checkpoint", "witness"), name="a_witness_sees_a_checkpoint_once"
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="auditrow",
            name="salt",
            field=models.BinaryField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="auditrow",
            name="xid",
            field=karmayogi.institutions.models.audit.TransactionId(editable=False, null=True),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="auditrow",
            index=models.Index(fields=["xid"], name="audit_xid"),
        ),
        migrations.DeleteModel(name="Refusal"),
        migrations.RunSQL(GUARDS, DROP),
    ]
