"""What the extract counts of sittings: which core seats were filled, and by no name."""

from django.db import migrations

from concord.desk.accounts.grants import revoke_sql, tables_sql

VIEW = """
CREATE VIEW panels_extract_sittings AS
  SELECT m.id, m.forum, m.starts_at,
    coalesce((SELECT array_agg(DISTINCT a.seat::text) FROM panels_attendance a WHERE a.meeting_id = m.id AND a.present
      AND a.confidentiality_signed_at IS NOT NULL AND a.seat IS NOT NULL), '{}') AS seats
  FROM panels_meeting m
  WHERE m.state IN ('closed', 'signed') AND m.partnership = concord_said('partnership')
    AND 'desk_extract' = ANY (concord_list('roles'));
"""


class Migration(migrations.Migration):
    dependencies = [("panels", "0014_handed_off")]
    operations = [
        migrations.RunSQL(VIEW, "DROP VIEW panels_extract_sittings"),
        migrations.RunSQL(
            tables_sql("panels_extract_sittings", verbs="SELECT"), revoke_sql("panels_extract_sittings")
        ),
    ]
