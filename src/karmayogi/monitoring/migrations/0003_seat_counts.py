import django.db.models.deletion
import karmayogi.registry.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("institutions", "0001_initial"), ("monitoring", "0002_need_counts")]

    operations = [
        migrations.CreateModel(
            name="SeatCount",
            fields=[
                ("id", models.UUIDField(default=karmayogi.registry.ids.new, editable=False, primary_key=True, serialize=False)),
                ("sanctioned", models.IntegerField()),
                ("filled", models.IntegerField()),
                ("body", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="institutions.body")),
                ("publication", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="monitoring.publication")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("publication", "body"), name="body_counts_its_seats_once"),
                    models.CheckConstraint(condition=models.Q(("filled__gte", 0), ("sanctioned__gte", models.F("filled"))), name="filled_seats_are_sanctioned"),
                ],
            },
        ),
    ]
