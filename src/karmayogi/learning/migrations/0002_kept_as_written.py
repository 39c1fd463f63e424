"""Published content and the logs are kept as written: the database refuses whoever tries, the worker included."""

from django.db import migrations

PUBLISHED = ["courseversion", "module", "page", "placement", "practicequestion"]
LOGS = ["progressevent", "practiceanswer", "activitystep"]

REFUSE = """
CREATE FUNCTION learning_keep_as_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is kept as written', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', HINT = 'Publish a new version, or append a new row.';
END $$
"""


def _guard(table: str, acts: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE TRIGGER kept_as_written BEFORE {acts} ON learning_{table}"
        " FOR EACH ROW EXECUTE FUNCTION learning_keep_as_written()",
        f"DROP TRIGGER kept_as_written ON learning_{table}",
    )


class Migration(migrations.Migration):
    dependencies = [("learning", "0001_initial")]

    operations = [
        migrations.RunSQL(REFUSE, "DROP FUNCTION learning_keep_as_written()"),
        *[_guard(table, "UPDATE OR DELETE") for table in PUBLISHED],
        # The reason for an answer may be mended in translation; what is right may not change.
        _guard("practicekey", 'DELETE OR UPDATE OF question_id, "right"'),
        # Erasing a person's log is an audited job of its own, so these rows may be deleted, never changed.
        *[_guard(table, "UPDATE") for table in LOGS],
    ]
