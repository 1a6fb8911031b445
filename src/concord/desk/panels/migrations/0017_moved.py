"""A meeting that is moved takes the time with it from which agencies read each other's research."""

from django.db import migrations

from concord.desk.accounts.grants import run_sql

# The coordinator may move the meeting, and may not touch what an agency wrote: only when others read it.
MOVED = """
CREATE FUNCTION panels_move_cut_off(of_meeting uuid, was timestamptz, now_at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM panels_meeting m WHERE m.id = of_meeting AND m.state = 'planned'
      AND m.partnership = concord_said('partnership')
      AND 'forum:' || m.forum || ':coordinator' = ANY (concord_list('holders'))) THEN
    RETURN;
  END IF;
  -- What others read already is not taken back from them.
  UPDATE panels_research r SET shown_from = now_at FROM panels_item i
    WHERE i.id = r.item_id AND i.meeting_id = of_meeting AND r.shown_from = was AND was > concord_at();
  UPDATE panels_intelligence r SET shown_from = now_at FROM panels_item i
    WHERE i.id = r.item_id AND i.meeting_id = of_meeting AND r.shown_from = was AND was > concord_at();
END $$;
"""
UNDO = "DROP FUNCTION panels_move_cut_off(uuid, timestamptz, timestamptz);"


class Migration(migrations.Migration):
    dependencies = [("panels", "0016_newest")]
    operations = [
        migrations.RunSQL(MOVED, UNDO),
        migrations.RunSQL(
            run_sql("panels_move_cut_off(uuid, timestamptz, timestamptz)"), migrations.RunSQL.noop
        ),
    ]
