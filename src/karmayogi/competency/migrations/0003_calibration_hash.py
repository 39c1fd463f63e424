"""Calibration sets state the hash of what they hold; blank in those published before."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("competency", "0002_guards")]
    operations = [
        migrations.AddField(
            "calibrationset",
            "content_hash",
            # The database fills it in too, for pages of the former version that publish while this one is rolled out.
            models.CharField(blank=True, db_default="", max_length=64),
        ),
    ]
