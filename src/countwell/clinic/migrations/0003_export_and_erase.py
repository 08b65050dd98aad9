"""Erasing: what is left of it, who carried it out, and triggers that let the rows of an erased patient go, and no others."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


OF_A_PATIENT = ("clinic_event", "clinic_review", "clinic_act")
ERASURE = "clinic_erasure"
SAYS = "is only ever appended"
ERASED = "SELECT 1 FROM clinic_erasure WHERE patient = OLD.patient_id"

SQLITE = """
CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} WHEN NOT EXISTS ({erased})
BEGIN SELECT RAISE(ABORT, '{table} {says}'); END;
"""
SQLITE_NEVER = """
CREATE TRIGGER {table}_no_{verb} BEFORE {VERB} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} {says}'); END;
"""
FUNCTION = """
CREATE OR REPLACE FUNCTION clinic_only_erased() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
IF EXISTS ({erased}) THEN RETURN OLD; END IF;
RAISE EXCEPTION '% {says}', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""
POSTGRESQL = """
DROP TRIGGER {table}_append_only ON {table};
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION clinic_append_only();
CREATE TRIGGER {table}_only_erased BEFORE DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION clinic_only_erased();
"""
POSTGRESQL_NEVER = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION clinic_append_only();
"""


def guard(apps, schema_editor):
    """On both databases: rows of an erased patient may be deleted, and what is left of an erasure never."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(FUNCTION.format(says=SAYS, erased=ERASED).replace("%", "%%"), params=[])
        for table in OF_A_PATIENT:
            schema_editor.execute(POSTGRESQL.format(table=table))
        schema_editor.execute(POSTGRESQL_NEVER.format(table=ERASURE))
        return
    for table in OF_A_PATIENT:
        schema_editor.execute(f"DROP TRIGGER {table}_no_delete")
        schema_editor.execute(SQLITE.format(table=table, says=SAYS, erased=ERASED))
    for verb in ("update", "delete"):
        schema_editor.execute(SQLITE_NEVER.format(table=ERASURE, verb=verb, VERB=verb.upper(), says=SAYS))


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0002_append_only"),
    ]

    operations = [
        migrations.AddField(
            model_name="proposal",
            name="done_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="proposal",
            name="done_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.CreateModel(
            name="Erasure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("patient", models.BigIntegerField(unique=True)),
                ("pid", models.CharField(max_length=12, unique=True)),
                ("reason", models.CharField(max_length=30)),
                ("at", models.DateTimeField()),
                ("events", models.PositiveIntegerField()),
                ("acts", models.PositiveIntegerField()),
                (
                    "approved_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "clinic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="erasures", to="clinic.clinic"
                    ),
                ),
                (
                    "done_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("asked_by", models.F("approved_by")), _negated=True),
                            models.Q(("asked_by", models.F("done_by")), _negated=True),
                            models.Q(("approved_by", models.F("done_by")), _negated=True),
                        ),
                        name="three_people",
                    )
                ],
            },
        ),
        migrations.RunPython(guard),
    ]
