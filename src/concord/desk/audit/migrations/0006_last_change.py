"""Who changed a record last, for whoever has it open to change it themselves and comes too late."""

from django.db import migrations

from concord.desk.accounts.grants import run_sql

LAST = """
-- The trail is read by its own role alone; this tells one name and one moment, of a record the caller has locked.
CREATE FUNCTION audit_last_change(kind text, subject text) RETURNS TABLE (actor uuid, at timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT e.actor, e.at FROM audit_auditevent e
  WHERE e.object_type = kind AND e.object_id = subject AND e.partnership = concord_said('partnership')
    AND e.outcome = 'done' AND e.operation NOT IN ('consultation', 'disclosure', 'refusal', 'access')
  ORDER BY e.at DESC, e.id LIMIT 1
$$;
"""
FUNCTION = "audit_last_change(text, text)"


class Migration(migrations.Migration):
    dependencies = [("audit", "0005_indexes")]
    operations = [
        migrations.RunSQL(LAST, f"DROP FUNCTION {FUNCTION}"),
        migrations.RunSQL(run_sql(FUNCTION), migrations.RunSQL.noop),
    ]
