"""What the extract counts of pathways: when each case came in and first reached each state. No name, no text.

And what goes with a contact that is erased: its steps, and a subject with its plans once no contact is about it.
"""

from django.db import migrations

from concord.desk.accounts.grants import revoke_sql, tables_sql

VIEW = """
CREATE VIEW referrals_extract_steps AS
  SELECT c.pathway, c.received_at, coalesce(c.route, '') AS route,
    (SELECT s.answers ->> 'route' FROM referrals_step s WHERE s.contact_id = c.id AND s.answers ? 'route'
     ORDER BY s.at DESC LIMIT 1) AS sent_to,
    (SELECT jsonb_object_agg(first.target, first.at) FROM
      (SELECT s.target, min(s.at) AS at FROM referrals_step s WHERE s.contact_id = c.id GROUP BY s.target) first
    ) AS reached
  FROM referrals_contact c
  WHERE c.partnership = concord_said('partnership') AND 'desk_extract' = ANY (concord_list('roles'));
"""

ERASED = """
CREATE FUNCTION referrals_erased_with_contact() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE about uuid[];
BEGIN
  SELECT array_agg(a.subject_id) INTO about FROM referrals_about a WHERE a.contact_id = OLD.id;
  DELETE FROM referrals_step s WHERE s.contact_id = OLD.id;
  DELETE FROM referrals_about a WHERE a.contact_id = OLD.id;
  IF about IS NOT NULL THEN
    DELETE FROM referrals_plan p WHERE p.subject_id = ANY (about)
      AND NOT EXISTS (SELECT FROM referrals_about a WHERE a.subject_id = p.subject_id);
    DELETE FROM referrals_subject s WHERE s.id = ANY (about)
      AND NOT EXISTS (SELECT FROM referrals_about a WHERE a.subject_id = s.id);
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER referrals_erased BEFORE DELETE ON referrals_contact FOR EACH ROW
  EXECUTE FUNCTION referrals_erased_with_contact();
"""
KEPT = "DROP TRIGGER referrals_erased ON referrals_contact; DROP FUNCTION referrals_erased_with_contact();"


class Migration(migrations.Migration):
    dependencies = [("referrals", "0005_step_walls")]
    operations = [
        migrations.RunSQL(ERASED, KEPT),
        migrations.RunSQL(VIEW, "DROP VIEW referrals_extract_steps"),
        migrations.RunSQL(
            tables_sql("referrals_extract_steps", verbs="SELECT"), revoke_sql("referrals_extract_steps")
        ),
    ]
