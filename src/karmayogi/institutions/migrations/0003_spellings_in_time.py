import django.contrib.postgres.fields.ranges
from django.db import migrations, models

DATE_THEM = """
UPDATE institutions_designationspelling s SET recorded = tstzrange(x.since, CASE WHEN x.next IS NOT NULL THEN greatest(x.since, x.next) END)
FROM (
    SELECT y.id, d.recorded_at AS since,
           lead(d.recorded_at) OVER (PARTITION BY y.source, y.ref ORDER BY y.id) AS next
    FROM institutions_designationspelling y JOIN institutions_designation d ON d.id = y.designation_id
) x
WHERE x.id = s.id
"""
"""A spelling is as old as its designation; of several of one id the last one stands."""


class Migration(migrations.Migration):
    dependencies = [("institutions", "0002_designations")]

    operations = [
        migrations.RemoveConstraint("designationspelling", "designation_spelling_stands_once"),
        migrations.AddField(
            "designationspelling",
            "recorded",
            django.contrib.postgres.fields.ranges.DateTimeRangeField(null=True),
        ),
        migrations.RunSQL(DATE_THEM, "", elidable=True),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", ""),
        migrations.AlterField(
            "designationspelling",
            "recorded",
            django.contrib.postgres.fields.ranges.DateTimeRangeField(),
        ),
        migrations.AddConstraint(
            "designationspelling",
            models.UniqueConstraint(
                condition=models.Q(("recorded__upper_inf", True)),
                fields=("source", "ref"),
                name="designation_is_spelled_one_way_now",
            ),
        ),
    ]
