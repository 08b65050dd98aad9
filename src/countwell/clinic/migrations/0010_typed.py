"""What somebody had typed when their session ran out, for a quarter of an hour."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0009_clock"),
    ]

    operations = [
        migrations.CreateModel(
            name="Typed",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="typed",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("page", models.CharField(max_length=200)),
                ("fields", models.JSONField()),
            ],
        ),
    ]
