"""A meeting is there for those who sit on its forum; a case for those it is shared with; another agency's research
from the cut-off on; an action also for its agency while it is open."""

from django.db import migrations

from concord.desk.accounts.grants import no_security_sql, revoke_sql, run_sql, security_sql, tables_sql
from concord.desk.sharing.walls import HERE, shared, with_parent

SITS = "'forum:' || forum = ANY ((SELECT concord_list('holders'))::text[])"
MINE = "agency = (SELECT concord_said('agency'))"
MEETING = f"{HERE} AND {SITS}"
ITEM = shared("item", "panels_item.id")
OF_MEETING = with_parent("panels_meeting", "meeting_id")
OF_ITEM = with_parent("panels_item", "item_id")
RUNS = (
    "ARRAY['forum:' || forum || ':coordinator', 'forum:' || forum || ':chair']"
    " && (SELECT concord_list('holders'))::text[]"
)
RESEARCH = f"{OF_ITEM} AND ({MINE} OR {RUNS} OR shown_from <= (SELECT concord_at()))"
OWN_ACTION = (
    f"{HERE} AND {MINE} AND {SITS} AND (status = 'open' OR completed_at >= (SELECT concord_at()))"
    " AND NOT sharing_excluded('item', item_id, (SELECT concord_user()))"
)
ACTION = f"{OF_ITEM} OR ({OWN_ACTION})"
# Signed minutes hold every case of the meeting: whoever may not see one of them sees a draft of the rest instead.
WHOLE = (
    f"{OF_MEETING} AND panels_cases(meeting_id) ="
    " (SELECT count(*) FROM panels_item i WHERE i.meeting_id = panels_minutes.meeting_id)"
)

COUNTS = """
CREATE FUNCTION panels_cases(of_meeting uuid) RETURNS bigint
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
  $$ SELECT count(*) FROM panels_item i WHERE i.meeting_id = of_meeting $$;
CREATE FUNCTION panels_undecided(of_meeting uuid) RETURNS bigint
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
  $$ SELECT count(*) FROM panels_item i JOIN panels_meeting m ON m.id = i.meeting_id
     WHERE i.meeting_id = of_meeting AND i.state = 'listed'
       AND 'forum:' || m.forum = ANY (concord_list('holders')) $$;
"""
UNDO_COUNTS = "DROP FUNCTION panels_cases(uuid); DROP FUNCTION panels_undecided(uuid);"

WALLS = {
    "panels_meeting": security_sql("panels_meeting", read=MEETING, insert=MEETING, update=MEETING),
    "panels_item": security_sql("panels_item", read=ITEM, insert=HERE, update=ITEM),
    "panels_involvement": security_sql("panels_involvement", read=OF_ITEM, insert=OF_ITEM),
    "panels_research": security_sql(
        "panels_research", read=RESEARCH, insert=f"{OF_ITEM} AND {MINE}", update=f"{OF_ITEM} AND {MINE}"
    ),
    "panels_researchgiven": security_sql("panels_researchgiven", read=OF_ITEM, insert=f"{OF_ITEM} AND {MINE}"),
    "panels_attendance": security_sql(
        "panels_attendance", read=OF_MEETING, insert=OF_MEETING, update=OF_MEETING
    ),
    "panels_conflict": security_sql("panels_conflict", read=OF_ITEM, insert=OF_ITEM),
    "panels_decision": security_sql("panels_decision", read=OF_ITEM, insert=OF_ITEM),
    "panels_action": security_sql("panels_action", read=ACTION, insert=f"{HERE} AND {OF_ITEM}", update=ACTION),
    "panels_minutes": security_sql("panels_minutes", read=WHOLE, insert=OF_MEETING),
}

EXTRACT = """
CREATE VIEW panels_extract_actions AS
  SELECT a.id, a.forum, a.agency, a.raised_on, a.due_on, a.completed_at, a.status
  FROM panels_action a
  WHERE a.partnership = concord_said('partnership') AND 'desk_extract' = ANY (concord_list('roles'));
"""


class Migration(migrations.Migration):
    dependencies = [("panels", "0001_initial"), ("referrals", "0002_row_security")]
    operations = [
        migrations.RunSQL(COUNTS, UNDO_COUNTS),
        migrations.RunSQL(run_sql("panels_cases(uuid)") + run_sql("panels_undecided(uuid)"), migrations.RunSQL.noop),
        *(migrations.RunSQL(sql, no_security_sql(table)) for table, sql in WALLS.items()),
        migrations.RunSQL(EXTRACT, "DROP VIEW panels_extract_actions"),
        migrations.RunSQL(tables_sql(*WALLS, verbs="SELECT, INSERT, UPDATE"), revoke_sql(*WALLS)),
        migrations.RunSQL(tables_sql("panels_extract_actions", verbs="SELECT"), revoke_sql("panels_extract_actions")),
    ]
