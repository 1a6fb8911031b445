"""Every record of the same person, for the operation that keeps somebody out of all of them; shown to nobody.

Two coordinators may each join a record to one that the other does not see. So nothing says that a record is kept under
one other alone: a second joining that was refused told of the first.
"""

from django.db import migrations, models

from concord.desk.accounts.grants import run_sql

SAME = """
CREATE FUNCTION people_same_records(asked uuid[]) RETURNS SETOF uuid
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH RECURSIVE same (record) AS (
    SELECT unnest(asked)
    UNION
    SELECT CASE WHEN m.kept_id = s.record THEN m.other_id ELSE m.kept_id END
    FROM same s JOIN people_merge m ON (m.kept_id = s.record OR m.other_id = s.record) AND m.undone_at IS NULL
      AND m.partnership = concord_said('partnership'))
  SELECT record FROM same
$$;
"""
CALLED = "people_same_records(uuid[])"


class Migration(migrations.Migration):
    dependencies = [("people", "0012_relationships")]
    operations = [
        migrations.RunSQL(SAME, f"DROP FUNCTION {CALLED}"),
        migrations.RunSQL(run_sql(CALLED), migrations.RunSQL.noop),
        migrations.RemoveConstraint(model_name="merge", name="merged_under_one_record"),
    ]
