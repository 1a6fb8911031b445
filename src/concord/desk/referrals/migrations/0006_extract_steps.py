"""What the extract counts of pathways: when each case came in and first reached each state. No name, no text."""

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


class Migration(migrations.Migration):
    dependencies = [("referrals", "0005_step_walls")]
    operations = [
        migrations.RunSQL(VIEW, "DROP VIEW referrals_extract_steps"),
        migrations.RunSQL(
            tables_sql("referrals_extract_steps", verbs="SELECT"), revoke_sql("referrals_extract_steps")
        ),
    ]
