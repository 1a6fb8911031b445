"""When what a case is about happened, where a time limit runs from then and not from receipt: a child's return."""

from django.db import migrations, models

from concord.desk.accounts.grants import revoke_sql, tables_sql

VIEW = """
CREATE VIEW referrals_extract_steps AS
  SELECT c.pathway, c.received_at, coalesce(c.route, '') AS route,
    (SELECT s.answers ->> 'route' FROM referrals_step s WHERE s.contact_id = c.id AND s.answers ? 'route'
     ORDER BY s.at DESC LIMIT 1) AS sent_to,
    (SELECT jsonb_object_agg(first.target, first.at) FROM
      (SELECT s.target, min(s.at) AS at FROM referrals_step s WHERE s.contact_id = c.id GROUP BY s.target) first
    ) AS reached{more}
  FROM referrals_contact c
  WHERE c.partnership = concord_said('partnership') AND 'desk_extract' = ANY (concord_list('roles'));
"""
DROP = "DROP VIEW referrals_extract_steps;"
GRANT = tables_sql("referrals_extract_steps", verbs="SELECT")


class Migration(migrations.Migration):
    dependencies = [("referrals", "0015_farther_east")]
    operations = [
        migrations.AddField("contact", "began_at", models.DateTimeField(blank=True, null=True)),
        migrations.RunSQL(
            DROP + VIEW.format(more=", c.began_at") + GRANT,
            revoke_sql("referrals_extract_steps") + DROP + VIEW.format(more="") + GRANT,
        ),
    ]
