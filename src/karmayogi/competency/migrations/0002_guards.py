"""What the tables promise whoever writes: ledgers are appended to, verified frameworks stay as they are."""

from django.db import migrations

APPENDED = ("evidence", "cutscore", "calibrationset", "itemparameter", "raterseverity")
IN_A_VERSION = {
    "level": "%s.version_id",
    "competency": "%s.version_id",
    "competencylevel": "(SELECT version_id FROM competency_competency WHERE id = %s.competency_id)",
}

FUNCTIONS = """
CREATE FUNCTION competency_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('app.purpose', true) = 'erasure' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is appended to: rows are neither changed nor deleted. Add a row that corrects it.', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION competency_estimate_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF current_setting('app.purpose', true) = 'erasure' THEN
            RETURN OLD;
        END IF;
    ELSIF OLD.superseded_at IS NULL AND NEW.superseded_at >= OLD.recorded_at THEN
        OLD.superseded_at := NEW.superseded_at;
        IF OLD IS NOT DISTINCT FROM NEW THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'An estimate is kept as it was: it can only be superseded, once.'
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION competency_version_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state NOT IN ('verified', 'retired') THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    ELSIF TG_OP = 'UPDATE' AND OLD.state = 'verified' AND NEW.state = 'retired' AND NEW.retired_at IS NOT NULL THEN
        OLD.state := NEW.state;
        OLD.retired_at := NEW.retired_at;
        IF OLD IS NOT DISTINCT FROM NEW THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'A verified framework version is final. Draft a new version instead.'
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION competency_refuse_if_final(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM competency_frameworkversion v
               WHERE v.id = wanted AND v.state IN ('verified', 'retired')) THEN
        RAISE EXCEPTION 'A verified framework version is final. Draft a new version instead.'
            USING ERRCODE = 'restrict_violation';
    END IF;
END $$;

CREATE TRIGGER is_kept BEFORE UPDATE OR DELETE ON competency_estimate
    FOR EACH ROW EXECUTE FUNCTION competency_estimate_is_kept();
CREATE TRIGGER is_final BEFORE UPDATE OR DELETE ON competency_frameworkversion
    FOR EACH ROW EXECUTE FUNCTION competency_version_is_final();
"""

DROP = """
DROP FUNCTION competency_append_only() CASCADE;
DROP FUNCTION competency_estimate_is_kept() CASCADE;
DROP FUNCTION competency_version_is_final() CASCADE;
DROP FUNCTION competency_refuse_if_final(uuid) CASCADE;
"""


def _appended(table: str) -> str:
    return (
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON competency_{table}"
        " FOR EACH ROW EXECUTE FUNCTION competency_append_only();"
    )


def _inside(table: str, version: str) -> str:
    old, new = version % "OLD", version % "NEW"
    return f"""
CREATE FUNCTION competency_{table}_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN PERFORM competency_refuse_if_final({old}); END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    PERFORM competency_refuse_if_final({new});
    RETURN NEW;
END $$;
CREATE TRIGGER is_final BEFORE INSERT OR UPDATE OR DELETE ON competency_{table}
    FOR EACH ROW EXECUTE FUNCTION competency_{table}_is_final();
"""


class Migration(migrations.Migration):
    dependencies = [("competency", "0001_initial")]
    operations = [
        migrations.RunSQL(FUNCTIONS, DROP),
        *(migrations.RunSQL(_appended(table), migrations.RunSQL.noop) for table in APPENDED),
        *(
            migrations.RunSQL(_inside(table, version), f"DROP FUNCTION competency_{table}_is_final() CASCADE;")
            for table, version in IN_A_VERSION.items()
        ),
    ]
