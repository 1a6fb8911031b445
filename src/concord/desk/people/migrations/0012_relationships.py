"""A relationship ends, and may begin again; how somebody may safely be reached, whichever record one may open; and how
often the asker searched, which their limit is held against."""

from django.db import migrations, models

from concord.desk.accounts.grants import run_sql
from concord.desk.sharing.walls import with_parent

BOTH = f"{with_parent('people_person', 'person_id')} AND {with_parent('people_person', 'other_id')}"
END = f"CREATE POLICY people_relationship_update ON people_relationship FOR UPDATE USING ({BOTH}) WITH CHECK ({BOTH})"

# A warning can save a life, so it is told on every record of the person; never from a record that is kept to named
# people or from which the asker is kept out. Nothing says on which record it stands.
WARNINGS = """
CREATE FUNCTION people_warnings(asked uuid[]) RETURNS TABLE (person uuid, said text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH RECURSIVE same (person, record) AS (
    SELECT a, a FROM unnest(asked) a WHERE people_open_to_asker(a)
    UNION
    SELECT s.person, CASE WHEN m.kept_id = s.record THEN m.other_id ELSE m.kept_id END
    FROM same s JOIN people_merge m ON (m.kept_id = s.record OR m.other_id = s.record) AND m.undone_at IS NULL)
  SELECT s.person, p.safe_contact FROM same s JOIN people_person p ON p.id = s.record
  WHERE p.partnership = concord_said('partnership') AND p.safe_contact <> ''
    AND (s.record = s.person OR NOT (sharing_marked(s.record)
      OR sharing_excluded('person', s.record, concord_user())))
  ORDER BY s.record <> s.person, p.id
$$;
"""

# Of the asker alone, and no more than any limit asks for.
SEARCHES = """
CREATE FUNCTION people_searches(since timestamptz, most integer) RETURNS bigint
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT count(*) FROM (SELECT FROM audit_auditevent e
    WHERE e.actor = concord_user() AND e.at > since AND e.at <= concord_at() AND e.action = 'person.match'
    LIMIT most) e
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0011_wall"), ("audit", "0004_reading"), ("sharing", "0004_restrictions")]
    operations = [
        migrations.RemoveConstraint(model_name="relationship", name="relationship_once"),
        migrations.AddConstraint(
            model_name="relationship",
            constraint=models.UniqueConstraint(
                condition=models.Q(("until__isnull", True)),
                fields=("person", "other", "kind"),
                name="relationship_once",
            ),
        ),
        migrations.RunSQL(END, "DROP POLICY people_relationship_update ON people_relationship"),
        migrations.RunSQL(WARNINGS, "DROP FUNCTION people_warnings(uuid[])"),
        migrations.RunSQL(SEARCHES, "DROP FUNCTION people_searches(timestamptz, integer)"),
        migrations.RunSQL(
            run_sql("people_warnings(uuid[])") + run_sql("people_searches(timestamptz, integer)"),
            migrations.RunSQL.noop,
        ),
    ]
