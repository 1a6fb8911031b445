"""Entries of registers are past their time as their register's file says, and go like every other record."""

from importlib import import_module

from django.db import migrations

WALLS = import_module("concord.desk.records.migrations.0004_erasing")

# An entry stays as long as a later one continues it.
ENTRIES = """    UNION ALL
    SELECT 'entry', e.id, NULL, NULL, e.register, e.closed_at, array_remove(ARRAY[e.person_id], NULL),
      (SELECT p.born_on FROM people_person p WHERE p.id = e.person_id)
    FROM registers_entry e WHERE e.state = 'closed' AND e.partnership = concord_said('partnership')
      AND NOT EXISTS (SELECT FROM registers_entry later WHERE later.follows_id = e.id)
  ), fitted AS ("""
DUE = WALLS.DUE.replace("  ), fitted AS (", ENTRIES, 1)
OTHER = WALLS.ERASE.partition("-- Every foreign key")[0].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
NAMES = OTHER.replace("WHEN 'emergency' THEN", "WHEN 'entry' THEN 'registers_entry' WHEN 'emergency' THEN").replace(
    "'records_rightsrequest']", "'records_rightsrequest', 'registers_entry']"
)


class Migration(migrations.Migration):
    dependencies = [("records", "0005_walls"), ("registers", "0002_walls")]
    operations = [
        migrations.RunSQL(DUE, WALLS.DUE),
        migrations.RunSQL(NAMES, OTHER),
    ]
