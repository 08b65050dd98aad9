"""Packs as they were when somebody first acted on what they said, and triggers: they are only ever appended."""

from django.db import migrations, models

TABLE = "clinic_keptpack"
SAYS = "is only ever appended"

SQLITE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {VERB} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} {says}'); END;
"""
POSTGRESQL = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION clinic_append_only();
"""


def guard(apps, schema_editor):
    """On both databases."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL.format(table=TABLE))
        return
    for verb in ("update", "delete"):
        schema_editor.execute(SQLITE.format(table=TABLE, verb=verb, VERB=verb.upper(), says=SAYS))


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0003_export_and_erase"),
    ]

    operations = [
        migrations.CreateModel(
            name="KeptPack",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("named", models.CharField(max_length=80)),
                ("digest", models.CharField(max_length=64)),
                ("files", models.JSONField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("named", "digest"), name="kept_once")],
            },
        ),
        migrations.RunPython(guard, migrations.RunPython.noop),
    ]
