"""Who stands in for whom from day to day, and whom a clinic writes to when nobody answers what stands under Now."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0005_let_go"),
    ]

    operations = [
        migrations.AddField(
            model_name="clinic",
            name="alarm_email",
            field=models.EmailField(
                blank=True,
                help_text="who is written to when nobody answers what stands under Now",
                max_length=254,
            ),
        ),
        migrations.CreateModel(
            name="StandIn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first", models.DateField()),
                ("last", models.DateField()),
                ("asked_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("accepted", models.BooleanField(default=False)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "absent",
                    models.ForeignKey(
                        on_delete=models.deletion.PROTECT, related_name="stand_ins", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=models.deletion.PROTECT, related_name="stands_in_for", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["person", "first", "last"], name="clinic_stan_person__f05a51_idx")],
            },
        ),
    ]
