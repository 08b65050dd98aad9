"""Triggers that refuse to change or delete what is only ever appended, and the table for the shared rate limits."""

from django.core.management import call_command
from django.db import migrations

APPENDED = ("clinic_event", "clinic_review", "clinic_act", "clinic_audit")
SAYS = "is only ever appended"

SQLITE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {VERB} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} {says}'); END;
"""
FUNCTION = """
CREATE OR REPLACE FUNCTION clinic_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% {says}', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$;
"""
POSTGRESQL = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION clinic_append_only();
"""


def guard(apps, schema_editor):
    """On both databases, for each of the tables."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(FUNCTION.format(says=SAYS).replace("%", "%%"), params=[])
        for table in APPENDED:
            schema_editor.execute(POSTGRESQL.format(table=table))
        return
    for table in APPENDED:
        for verb in ("update", "delete"):
            schema_editor.execute(SQLITE.format(table=table, verb=verb, VERB=verb.upper(), says=SAYS))


def unguard(apps, schema_editor):
    """Takes the triggers away again (only ever for a migration of these tables)."""
    postgresql = schema_editor.connection.vendor == "postgresql"
    for table in APPENDED:
        if postgresql:
            schema_editor.execute(f"DROP TRIGGER {table}_append_only ON {table}")
            continue
        for verb in ("update", "delete"):
            schema_editor.execute(f"DROP TRIGGER {table}_no_{verb}")


def shared_limits(apps, schema_editor):
    """The cache table that all workers share."""
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("clinic", "0001_initial")]
    operations = [
        migrations.RunPython(guard, unguard),
        migrations.RunPython(shared_limits, migrations.RunPython.noop),
    ]
