"""A password that somebody else made is changed by its owner before all else; accounts of before are taken to have theirs."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0004_kept_packs"),
    ]

    operations = [
        migrations.AddField(
            model_name="person",
            name="first_password",
            field=models.BooleanField(
                default=False, help_text="somebody else has seen it: it is changed before all else"
            ),
        ),
    ]
