from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("assessment", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="sitting", name="open", field=models.BooleanField(db_default=True, default=True)
        ),
        migrations.RunSQL(
            "UPDATE assessment_sitting s SET open = false"
            " WHERE EXISTS (SELECT 1 FROM assessment_ending e WHERE e.sitting_id = s.id)",
            migrations.RunSQL.noop,
        ),
        migrations.AddIndex(
            model_name="sitting",
            index=models.Index(condition=models.Q(("open", True)), fields=["deadline"], name="sitting_open_by_deadline"),
        ),
    ]
