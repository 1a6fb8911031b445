"""Who opened somebody of their own family name, for the reader of the trail: whom is not said, only that and how often.
"""

from django.db import migrations

from concord.desk.accounts.grants import run_sql

SAME = """
CREATE FUNCTION people_same_name(since timestamptz, marker text)
  RETURNS TABLE (username varchar, count bigint, first timestamptz, last timestamptz, object_id varchar)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT e.username, count(*), min(e.at), max(e.at), e.object_id
  FROM audit_auditevent e
  JOIN accounts_user u ON u.id = e.actor
  JOIN people_person p ON p.id::text = e.object_id
  WHERE audit_reader() AND e.partnership = concord_said('partnership') AND e.at >= since
    AND e.action = 'person.read' AND e.outcome = 'done' AND e.object_type = 'person'
    AND upper(regexp_replace(regexp_replace(p.family_name, '[ -]*' || marker || '$', ''), '^.* ', ''))
      = upper(regexp_replace(regexp_replace(u.display_name, '[ -]*' || marker || '$', ''), '^.* ', ''))
  GROUP BY e.username, e.object_id ORDER BY max(e.at) DESC LIMIT 50
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0003_emergency"), ("audit", "0004_reading")]
    operations = [
        migrations.RunSQL(SAME, "DROP FUNCTION people_same_name(timestamptz, text)"),
        migrations.RunSQL(run_sql("people_same_name(timestamptz, text)"), migrations.RunSQL.noop),
    ]
