"""Which of a list was picked at a step, apart from what was written: a return may count the one and never reads the
other."""

from django.db import migrations, models

from concord.desk.accounts.grants import revoke_sql, tables_sql

VIEW = """
CREATE VIEW referrals_extract_steps AS
  SELECT c.pathway, c.received_at, coalesce(c.route, '') AS route,
    (SELECT s.answers ->> 'route' FROM referrals_step s WHERE s.contact_id = c.id AND s.answers ? 'route'
     ORDER BY s.at DESC LIMIT 1) AS sent_to,
    (SELECT jsonb_object_agg(first.target, first.at) FROM
      (SELECT s.target, min(s.at) AS at FROM referrals_step s WHERE s.contact_id = c.id GROUP BY s.target) first
    ) AS reached, c.began_at{more}
  FROM referrals_contact c
  WHERE c.partnership = concord_said('partnership') AND 'desk_extract' = ANY (concord_list('roles'));
"""
CHOSEN = """,
    (SELECT jsonb_object_agg(said.key, said.value ORDER BY s.at)
     FROM referrals_step s, jsonb_each(s.chosen) said WHERE s.contact_id = c.id) AS chosen"""
DROP = "DROP VIEW referrals_extract_steps;"
GRANT = tables_sql("referrals_extract_steps", verbs="SELECT")


class Migration(migrations.Migration):
    dependencies = [("referrals", "0017_newest_decided")]
    operations = [
        migrations.AddField("step", "chosen", models.JSONField(default=dict)),
        migrations.RunSQL(
            DROP + VIEW.format(more=CHOSEN) + GRANT,
            revoke_sql("referrals_extract_steps") + DROP + VIEW.format(more="") + GRANT,
        ),
    ]
