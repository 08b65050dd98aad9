"""PostgreSQL: the one way in which the role that serves the pages lets the rows of an erased patient go.

It may delete nothing that is only ever appended. This function deletes as the owner of the tables, and their triggers still
let rows of an erased patient alone go. It names each table with its schema, and searches that schema first: what the caller
has made, a temporary table too, is never taken for one of these, and no function of the caller's is run as the owner.
"""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION clinic_let_go(erased bigint) RETURNS void LANGUAGE sql SECURITY DEFINER
SET search_path = {schema}, pg_temp AS $$
DELETE FROM {schema}.clinic_act WHERE patient_id = erased;
DELETE FROM {schema}.clinic_review WHERE patient_id = erased;
DELETE FROM {schema}.clinic_event WHERE patient_id = erased;
$$;
REVOKE ALL ON FUNCTION clinic_let_go(bigint) FROM PUBLIC;
"""


def let_go(apps, schema_editor):
    """SQLite has no roles, and needs none of it."""
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        (schema,) = cursor.fetchone()
    schema_editor.execute(FUNCTION.format(schema=schema))


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0006_own_password"),
    ]

    operations = [migrations.RunPython(let_go, migrations.RunPython.noop)]
