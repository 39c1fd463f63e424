import django.db.models.deletion
import karmayogi.registry.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("competency", "0001_initial"),
        ("institutions", "0001_initial"),
        ("monitoring", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="NeedCount",
            fields=[
                ("id", models.UUIDField(default=karmayogi.registry.ids.new, editable=False, primary_key=True, serialize=False)),
                ("met", models.IntegerField()),
                ("below", models.IntegerField()),
                ("unsure", models.IntegerField()),
                ("body", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="institutions.body")),
                ("competency", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="competency.competency")),
                ("publication", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="monitoring.publication")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("publication", "body", "competency"), name="body_counts_a_need_once"),
                    models.CheckConstraint(condition=models.Q(("below__gte", 0), ("met__gte", 0), ("unsure__gte", 0)), name="need_counts_are_whole"),
                ],
            },
        ),
    ]
