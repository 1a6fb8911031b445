"""A board's papers are there for those who sit on it; nobody can be put into one. Ratings and hand-offs are there where
their case or action is. What the desk's extract may read of hearings, attendance and outcomes."""

from django.db import migrations

from concord.desk.accounts.grants import no_security_sql, revoke_sql, security_sql, tables_sql
from concord.desk.sharing.walls import HERE, shared, with_parent

PAPERS = (
    f"(hears = 'papers' AND {HERE} AND {with_parent('panels_meeting', 'meeting_id')}"
    " AND NOT sharing_excluded('item', id, (SELECT concord_user())))"
)
ITEM = f"({shared('item', 'panels_item.id')}) OR {PAPERS}"
OF_ITEM = with_parent("panels_item", "item_id")
OF_ACTION = with_parent("panels_action", "action_id")

# A board hears nobody, whatever the program says: its items are papers as its meeting does, and no person joins one.
NOBODY = """
CREATE FUNCTION panels_item_as_meeting() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.hears IS DISTINCT FROM (SELECT m.hears FROM panels_meeting m WHERE m.id = NEW.meeting_id) THEN
    RAISE EXCEPTION 'an item hears what its meeting hears' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER panels_item_hears BEFORE INSERT OR UPDATE ON panels_item
  FOR EACH ROW EXECUTE FUNCTION panels_item_as_meeting();
CREATE FUNCTION panels_nobody_in_papers() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM panels_item i WHERE i.id = NEW.item_id AND i.hears = 'papers') THEN
    RAISE EXCEPTION 'a board hears nobody' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER panels_nobody BEFORE INSERT OR UPDATE ON panels_involvement
  FOR EACH ROW EXECUTE FUNCTION panels_nobody_in_papers();
"""
UNDO = """
DROP TRIGGER panels_item_hears ON panels_item; DROP FUNCTION panels_item_as_meeting();
DROP TRIGGER panels_nobody ON panels_involvement; DROP FUNCTION panels_nobody_in_papers();
"""

EXTRACT = """
CREATE VIEW panels_extract_attendance AS
  SELECT a.id, m.forum, m.starts_at, a.agency, a.present
  FROM panels_attendance a JOIN panels_meeting m ON m.id = a.meeting_id
  WHERE m.partnership = concord_said('partnership') AND 'desk_extract' = ANY (concord_list('roles'));
CREATE VIEW panels_extract_hearings AS
  SELECT i.id, m.forum, i.kind, m.starts_at, i.repeat, i.carried_from_id IS NULL AS first_hearing,
    c.decided_at, r.submitted_at, d.outcome, d.decided_at AS heard_at
  FROM panels_item i JOIN panels_meeting m ON m.id = i.meeting_id
    LEFT JOIN panels_decision d ON d.item_id = i.id
    LEFT JOIN referrals_contact c ON c.id = i.contact_id
    LEFT JOIN referrals_referral r ON r.id = c.referral_id
  WHERE i.partnership = concord_said('partnership') AND i.hears = 'cases' AND i.state <> 'withdrawn'
    AND 'desk_extract' = ANY (concord_list('roles'));
"""
VIEWS = ("panels_extract_attendance", "panels_extract_hearings")


class Migration(migrations.Migration):
    dependencies = [("panels", "0007_more_kinds")]
    operations = [
        migrations.RunSQL(NOBODY, UNDO),
        migrations.RunSQL(no_security_sql("panels_item"), migrations.RunSQL.noop),
        migrations.RunSQL(
            security_sql("panels_item", read=ITEM, insert=HERE, update=ITEM), no_security_sql("panels_item")
        ),
        migrations.RunSQL(
            security_sql("panels_rating", read=OF_ITEM, insert=OF_ITEM), no_security_sql("panels_rating")
        ),
        migrations.RunSQL(
            security_sql("panels_handoff", read=OF_ACTION, insert=f"{HERE} AND {OF_ACTION}"),
            no_security_sql("panels_handoff"),
        ),
        migrations.RunSQL(EXTRACT, "".join(f"DROP VIEW {each};" for each in VIEWS)),
        migrations.RunSQL(
            tables_sql("panels_rating", "panels_handoff", verbs="SELECT, INSERT"),
            revoke_sql("panels_rating", "panels_handoff"),
        ),
        migrations.RunSQL(tables_sql(*VIEWS, verbs="SELECT"), revoke_sql(*VIEWS)),
    ]
