from django.db import migrations, models
import django.db.models.deletion
import karmayogi.registry.ids


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0003_whole_decisions'),
    ]

    operations = [
        migrations.CreateModel(
            name='SigningKey',
            fields=[
                ('id', models.UUIDField(default=karmayogi.registry.ids.new, editable=False, primary_key=True, serialize=False)),
                ('purpose', models.CharField(max_length=40)),
                ('name', models.CharField(max_length=160)),
                ('public', models.BinaryField()),
                ('made_at', models.DateTimeField()),
                ('retired_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('retired_at__isnull', True)), fields=('purpose',), name='one_key_signs_for_a_purpose')],
            },
        ),
        migrations.CreateModel(
            name='SigningSeed',
            fields=[
                ('id', models.UUIDField(default=karmayogi.registry.ids.new, editable=False, primary_key=True, serialize=False)),
                ('seed', models.BinaryField()),
                ('key', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.signingkey')),
            ],
            options={
                'abstract': False,
            },
        ),
    ]
