"""Entries behind a wall: only registers that the viewer's roles read, only people whom they may open."""

from django.db import migrations

from concord.desk.accounts.grants import no_security_sql, revoke_sql, run_sql, security_sql, tables_sql
from concord.desk.sharing.walls import HERE, with_parent

VERBS = "(SELECT concord_list('verbs'))::text[]"
PERSON = f"(person_id IS NULL OR {with_parent('people_person', 'person_id')})"
READ = f"{HERE} AND ('read/' || register) = ANY ({VERBS}) AND {PERSON}"
KEEP = f"{HERE} AND ('keep/' || register) = ANY ({VERBS}) AND {PERSON}"
OF_ENTRY = with_parent("registers_entry", "entry_id")
MINE = f"{OF_ENTRY} AND by_id = (SELECT concord_user())"

WALLS = {
    "registers_entry": security_sql("registers_entry", read=READ, insert=KEEP, update=KEEP),
    "registers_change": security_sql("registers_change", read=OF_ENTRY, insert=MINE),
}

# What the extract's service is given: dates, owner, outcome and the fields named for each register. Never the person,
# the first line or a text.
EXTRACT = """
CREATE FUNCTION registers_extract(until timestamptz, counted jsonb)
  RETURNS TABLE (id uuid, register text, agency text, dated_on date, due_on date, closed_at timestamptz, outcome text,
    facets jsonb)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT e.id, e.register, e.agency, e.dated_on, e.due_on, e.closed_at, e.outcome,
    coalesce((SELECT jsonb_object_agg(v.key, v.value) FROM jsonb_each(e.values) v
      WHERE counted -> e.register ? v.key), '{}')
  FROM registers_entry e
  WHERE counted ? e.register AND e.entered_at <= until AND e.partnership = concord_said('partnership')
    AND 'extract.registers' = ANY (concord_list('verbs'))
  ORDER BY e.id
$$;
"""
CALLED = "registers_extract(timestamptz, jsonb)"


class Migration(migrations.Migration):
    dependencies = [("registers", "0001_initial"), ("people", "0008_register_walls")]
    operations = [
        *(migrations.RunSQL(sql, no_security_sql(table)) for table, sql in WALLS.items()),
        migrations.RunSQL(EXTRACT, f"DROP FUNCTION {CALLED}"),
        migrations.RunSQL(run_sql(CALLED), migrations.RunSQL.noop),
        migrations.RunSQL(
            tables_sql("registers_entry", verbs="SELECT, INSERT, UPDATE")
            + tables_sql("registers_change", verbs="SELECT, INSERT"),
            revoke_sql(*WALLS),
        ),
    ]
