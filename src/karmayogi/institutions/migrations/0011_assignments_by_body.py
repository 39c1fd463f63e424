"""Finds the assignments of a body whatever their days: through the roll the days cannot narrow the look-up."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("institutions", "0010_grants")]

    operations = [
        migrations.AddIndex(
            model_name="assignment",
            index=models.Index(fields=["body"], name="assignment_body"),
        ),
    ]
