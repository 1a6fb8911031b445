"""Reading the trail at a million lines: who looked at one record, what is worth a second look, the newest links."""

from django.db import migrations

from concord.desk.accounts.grants import run_sql

READS = """
CREATE INDEX audit_shown ON audit_auditevent USING gin ((detail -> 'shown') jsonb_path_ops);
CREATE FUNCTION audit_reader() RETURNS boolean LANGUAGE sql STABLE AS
  $$ SELECT 'data_protection_officer' = ANY (concord_list('roles')) $$;
-- Row-level security keeps the planner from an index whose operator might leak a row, and array and JSON operators
-- count as such. This function asks for the role itself and then uses them.
CREATE FUNCTION audit_about(kind text, subject text, most integer, after integer) RETURNS SETOF audit_auditevent
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  person uuid[] := CASE WHEN kind = 'person' AND subject ~ '^[0-9a-f-]{36}$' THEN ARRAY[subject::uuid] END;
BEGIN
  IF NOT audit_reader() THEN RETURN; END IF;
  RETURN QUERY
    SELECT * FROM audit_auditevent e WHERE e.partnership = concord_said('partnership') AND e.id IN (
      SELECT o.id FROM audit_auditevent o WHERE o.object_type = kind AND o.object_id = subject
      UNION ALL SELECT s.id FROM audit_auditevent s WHERE s.subjects @> person
      UNION ALL SELECT l.id FROM audit_auditevent l WHERE l.detail -> 'shown' @> jsonb_build_array(subject)
    ) ORDER BY e.at DESC, e.id LIMIT most OFFSET after;
END $$;
CREATE FUNCTION audit_signs(sign text, since timestamptz, hours integer, at_least integer, opens integer, closes integer)
  RETURNS TABLE (username varchar, count bigint, first timestamptz, last timestamptz, object_type varchar, object_id varchar)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH seen AS (
    SELECT e.username, e.at, e.object_type, e.object_id,
      CASE WHEN sign IN ('same_person', 'emergency') THEN e.object_id END AS record,
      date_bin(make_interval(hours => hours), e.at, timestamptz '2000-01-01 00:00+00') AS bin
    FROM audit_auditevent e
    WHERE audit_reader() AND e.partnership = concord_said('partnership') AND e.at >= since AND CASE sign
      WHEN 'not_found' THEN e.outcome = 'not_found' AND e.action NOT LIKE 'person.emergency'
      WHEN 'refused' THEN e.outcome = 'refused'
      WHEN 'emergency' THEN e.action = 'glass.break' AND e.outcome = 'done'
      WHEN 'out_of_hours' THEN e.operation = 'consultation' AND e.outcome = 'done' AND NOT
        extract(hour FROM e.at AT TIME ZONE 'Europe/London') BETWEEN opens AND closes - 1
      WHEN 'typed_reason' THEN e.action = 'person.read' AND e.outcome = 'done' AND e.reason NOT LIKE 'opened from %'
      WHEN 'many_people' THEN e.action = 'person.read' AND e.outcome = 'done'
      WHEN 'same_person' THEN e.action = 'person.read' AND e.outcome = 'done'
      ELSE false END
  )
  SELECT s.username,
    CASE WHEN sign = 'many_people' THEN count(DISTINCT s.object_id) ELSE count(*) END, min(s.at), max(s.at),
    CASE WHEN s.record IS NOT NULL THEN min(s.object_type) END, s.record
  FROM seen s GROUP BY s.username, s.bin, s.record
  HAVING CASE WHEN sign = 'many_people' THEN count(DISTINCT s.object_id) ELSE count(*) END >= at_least
  ORDER BY max(s.at) DESC LIMIT 50
$$;
CREATE FUNCTION audit_hash_at(place bigint) RETURNS bytea
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
  $$ SELECT l.hash FROM audit_auditlink l WHERE l.position = place $$;
CREATE FUNCTION audit_broken_since(links bigint) RETURNS TABLE (at_position bigint, event uuid, why text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH start AS (SELECT coalesce(max(l.position), 0) - links AS place FROM audit_auditlink l),
  walked AS (
    SELECT l.position, l.event_id, l.previous, l.hash, e AS event, e.id AS found,
      lag(l.hash) OVER (ORDER BY l.position) AS before, lag(l.position) OVER (ORDER BY l.position) AS place_before
    FROM audit_auditlink l LEFT JOIN audit_auditevent e ON e.id = l.event_id, start
    WHERE l.position >= start.place
  )
  SELECT position, event_id, CASE
    WHEN place_before IS NOT NULL AND position <> place_before + 1 THEN 'a link before it is missing'
    WHEN found IS NULL THEN 'its event is gone'
    WHEN before IS NOT NULL AND previous <> before THEN 'it does not follow the link before it'
    WHEN hash <> sha256(previous || convert_to(audit_canonical(event), 'UTF8')) THEN 'its event was altered'
    END
  FROM walked WHERE
    (place_before IS NOT NULL AND position <> place_before + 1) OR found IS NULL
    OR (before IS NOT NULL AND previous <> before)
    OR hash <> sha256(previous || convert_to(audit_canonical(event), 'UTF8'))
  ORDER BY position LIMIT 1
$$;
"""
UNDO = """
DROP FUNCTION audit_broken_since(bigint); DROP FUNCTION audit_hash_at(bigint);
DROP FUNCTION audit_signs(text, timestamptz, integer, integer, integer, integer);
DROP FUNCTION audit_about(text, text, integer, integer); DROP FUNCTION audit_reader(); DROP INDEX audit_shown;
"""
FUNCTIONS = (
    "audit_about(text, text, integer, integer)",
    "audit_signs(text, timestamptz, integer, integer, integer, integer)",
    "audit_hash_at(bigint)",
    "audit_broken_since(bigint)",
)


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_indexes")]
    operations = [
        migrations.RunSQL(READS, UNDO),
        migrations.RunSQL("".join(run_sql(each) for each in FUNCTIONS), migrations.RunSQL.noop),
    ]
