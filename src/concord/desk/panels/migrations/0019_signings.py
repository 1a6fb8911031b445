"""When minutes were signed, and by whom, for everybody who sits: whoever may not see one of the cases reads a draft of the
rest, and is told as the others are. That they alone were not told would say that a case is kept from them."""

from django.db import migrations

from concord.desk.accounts.grants import run_sql

SIGNINGS = """
CREATE FUNCTION panels_signings(since timestamptz, of_meeting uuid, most integer)
  RETURNS TABLE (meeting_id uuid, forum text, signed_at timestamptz, signed_by uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT m.id, m.forum, s.signed_at, s.signed_by_id FROM panels_minutes s JOIN panels_meeting m ON m.id = s.meeting_id
  WHERE s.signed_at > since AND (of_meeting IS NULL OR m.id = of_meeting)
    AND m.partnership = concord_said('partnership') AND 'forum:' || m.forum = ANY (concord_list('holders'))
  ORDER BY s.signed_at DESC LIMIT most
$$;
"""
CALLED = "panels_signings(timestamptz, uuid, integer)"


class Migration(migrations.Migration):
    dependencies = [("panels", "0018_restricted")]
    operations = [
        migrations.RunSQL(SIGNINGS, f"DROP FUNCTION {CALLED}"),
        migrations.RunSQL(run_sql(CALLED), migrations.RunSQL.noop),
    ]
