"""What the clock is held against at each request is found at once: the latest instant of the audit, the last reconciling."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0007_stand_in"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="audit",
            index=models.Index(fields=["at"], name="audit_latest"),
        ),
        migrations.AddIndex(
            model_name="audit",
            index=models.Index(fields=["number"], condition=models.Q(("route", "reconcile")), name="audit_reconciled"),
        ),
    ]
