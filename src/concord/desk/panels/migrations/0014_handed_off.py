"""Whether a forum raised somebody's hand-off, on whichever of their records: read by the operation that would raise it
again, shown to nobody."""

from django.db import migrations

from concord.desk.accounts.grants import run_sql

RAISED = """
CREATE FUNCTION panels_handed_off(asked uuid, of_purpose text, of_forum text) RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH RECURSIVE same (record) AS (
    SELECT asked
    UNION
    SELECT CASE WHEN m.kept_id = s.record THEN m.other_id ELSE m.kept_id END
    FROM same s JOIN people_merge m ON (m.kept_id = s.record OR m.other_id = s.record) AND m.undone_at IS NULL)
  SELECT EXISTS (SELECT FROM panels_handoff h JOIN same s ON s.record = h.person_id
    WHERE h.purpose = of_purpose AND h.forum = of_forum
    AND h.partnership = concord_said('partnership'))
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("panels", "0013_walls"), ("people", "0012_relationships")]
    operations = [
        migrations.RunSQL(RAISED, "DROP FUNCTION panels_handed_off(uuid, text, text)"),
        migrations.RunSQL(run_sql("panels_handed_off(uuid, text, text)"), migrations.RunSQL.noop),
    ]
