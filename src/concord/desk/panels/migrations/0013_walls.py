"""Behind walls: what stands beside meetings. Signed minutes and what they were drawn from are closed to change. What
the public may read of a board that sits in public. What belongs to a case goes with it when it is erased."""

from django.db import migrations

from concord.desk.accounts.grants import no_security_sql, revoke_sql, run_sql, security_sql, tables_sql
from concord.desk.sharing.walls import HERE, with_parent

HOLDERS = "(SELECT concord_list('holders'))::text[]"
SITS = f"'forum:' || forum = ANY ({HOLDERS})"
MINE = "agency = (SELECT concord_said('agency'))"
ROLES = "(SELECT concord_list('roles'))::text[]"
KEEPER = f"'forum_keeper' = ANY ({ROLES})"
FORM = f"'public_form' = ANY ({ROLES})"
APPROVES = "'release.approve' = ANY ((SELECT concord_list('verbs'))::text[])"
OF_ITEM = with_parent("panels_item", "item_id")
OF_MEETING = with_parent("panels_meeting", "meeting_id")
RUNS = f"ARRAY['forum:' || forum || ':coordinator', 'forum:' || forum || ':chair'] && {HOLDERS}"
RUNS_BOARD = f"ARRAY['forum:' || board || ':coordinator', 'forum:' || board || ':chair'] && {HOLDERS}"
ENTRY = (
    f"{HERE} AND {SITS} AND agreement = ANY ((SELECT concord_list('agreements'))::text[])"
    " AND NOT sharing_excluded('item', item_id, (SELECT concord_user()))"
    " AND NOT sharing_excluded('person', person_id, (SELECT concord_user()))"
)
SWEPT = f"({ENTRY}) OR ({HERE} AND {KEEPER})"
OF_ENTRY = with_parent("panels_cohortentry", "entry_id")
NOTICE = f"({OF_ENTRY} AND ({MINE} OR {RUNS})) OR {KEEPER}"
ASKED = f"{HERE} AND {RUNS_BOARD}"
LOG = f"({ASKED}) OR ({HERE} AND state IN ('published', 'answered') AND ({FORM} OR 'forum:' || board = ANY ({HOLDERS})))"
PACK = f"{OF_MEETING} OR {APPROVES}"

WALLS = {
    "panels_transfer": security_sql("panels_transfer", read=OF_ITEM, insert=OF_ITEM, update=OF_ITEM),
    "panels_priorcontact": security_sql(
        "panels_priorcontact", read=OF_ITEM, insert=f"{OF_ITEM} AND {MINE}", update=f"{OF_ITEM} AND {MINE}"
    ),
    "panels_reminder": security_sql("panels_reminder", read=OF_MEETING, insert=OF_MEETING),
    "panels_cohortentry": security_sql("panels_cohortentry", read=SWEPT, insert=ENTRY, update=SWEPT),
    "panels_cohortnotice": security_sql(
        "panels_cohortnotice", read=NOTICE, insert=f"{OF_ENTRY} OR {KEEPER}", update=f"{OF_ENTRY} AND {MINE}"
    ),
    "panels_question": security_sql("panels_question", read=LOG, insert=f"{HERE} AND {FORM}", update=ASKED),
    "panels_pack": security_sql("panels_pack", read=PACK, insert=OF_MEETING, update=PACK),
    "panels_population": security_sql("panels_population", read=HERE, insert=f"{HERE} AND {KEEPER}"),
}

# --- what was signed stays as it was signed -------------------------------------------------------------------------

LOCKED = ("panels_decision", "panels_research", "panels_intelligence", "panels_priorcontact")
SEAL = (
    """
CREATE FUNCTION panels_minutes_stay() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM panels_item i WHERE i.meeting_id = OLD.meeting_id) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'signed minutes are not altered' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER panels_minutes_stay BEFORE UPDATE OR DELETE ON panels_minutes
  FOR EACH ROW EXECUTE FUNCTION panels_minutes_stay();
CREATE FUNCTION panels_signed(of_meeting uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$ SELECT state = 'signed' FROM panels_meeting WHERE id = of_meeting $$;
CREATE FUNCTION panels_of_signed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  IF panels_signed((SELECT i.meeting_id FROM panels_item i WHERE i.id = NEW.item_id)) THEN
    RAISE EXCEPTION 'the minutes of this meeting are signed' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE FUNCTION panels_in_signed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  -- That a case was listed again, and when its risk is judged next, is said of it afterwards.
  IF panels_signed(NEW.meeting_id)
     AND (TG_OP = 'INSERT' OR to_jsonb(NEW) - ARRAY['listed_again', 'review_on'] IS DISTINCT FROM
          to_jsonb(OLD) - ARRAY['listed_again', 'review_on']) THEN
    RAISE EXCEPTION 'the minutes of this meeting are signed' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
"""
    + "".join(
        f"CREATE TRIGGER panels_locked BEFORE INSERT OR UPDATE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION panels_of_signed();\n"
        for table in LOCKED
    )
    + "".join(
        f"CREATE TRIGGER panels_locked BEFORE INSERT OR UPDATE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION panels_in_signed();\n"
        for table in ("panels_item", "panels_attendance")
    )
    + """
CREATE FUNCTION panels_pack_stays() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.state <> 'asked' THEN
    RAISE EXCEPTION 'a pack that was made is not altered' USING ERRCODE = 'check_violation';
  END IF;
  IF (SELECT m.state <> 'planned' FROM panels_meeting m WHERE m.id = NEW.meeting_id) THEN
    RAISE EXCEPTION 'the meeting has sat: its pack is as it was' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER panels_pack_stays BEFORE INSERT OR UPDATE ON panels_pack
  FOR EACH ROW EXECUTE FUNCTION panels_pack_stays();
"""
)
UNSEAL = (
    "DROP TRIGGER panels_minutes_stay ON panels_minutes; DROP TRIGGER panels_pack_stays ON panels_pack;"
    + "".join(f"DROP TRIGGER panels_locked ON {each};" for each in (*LOCKED, "panels_item", "panels_attendance"))
    + "DROP FUNCTION panels_minutes_stay(); DROP FUNCTION panels_pack_stays(); DROP FUNCTION panels_of_signed();"
    "DROP FUNCTION panels_in_signed(); DROP FUNCTION panels_signed(uuid);"
)

# Whoever closes a meeting may be kept out of one of its cases. That it waits must not show: it waits for the next.
CARRY = """
CREATE FUNCTION panels_carry_hidden(of_meeting uuid) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE n bigint;
BEGIN
  UPDATE panels_item i SET state = 'carried_over', version = i.version + 1
  FROM panels_meeting m
  WHERE m.id = i.meeting_id AND i.meeting_id = of_meeting AND i.state = 'listed'
    AND 'forum:' || m.forum = ANY (concord_list('holders')) AND m.partnership = concord_said('partnership')
    AND sharing_excluded('item', i.id, concord_user());
  GET DIAGNOSTICS n = ROW_COUNT;
  RETURN n;
END $$;
"""

# What anybody may read of a board that sits in public: its agenda and how each item ended. It names nobody.
PUBLIC = """
CREATE VIEW panels_public_agenda AS
  SELECT m.forum, m.id AS meeting_id, m.starts_at, m.place, m.state AS meeting_state, i.position, i.kind, i.subject,
    i.about, i.whereabouts, i.state AS item_state, d.outcome
  FROM panels_meeting m LEFT JOIN panels_item i ON i.meeting_id = m.id AND i.hears = 'papers' AND i.state <> 'withdrawn'
    LEFT JOIN panels_decision d ON d.item_id = i.id
  WHERE m.public AND m.partnership = concord_said('partnership') AND 'public_form' = ANY (concord_list('roles'));
"""

# What belongs to a case or an action is erased with it.
WITH_PARENT = (
    ("panels_rating", "item_id", "panels_item", "CASCADE"),
    ("panels_handoff", "action_id", "panels_action", "CASCADE"),
    ("panels_transfer", "item_id", "panels_item", "CASCADE"),
    ("panels_priorcontact", "item_id", "panels_item", "CASCADE"),
    ("panels_cohortentry", "item_id", "panels_item", "CASCADE"),
    ("panels_cohortentry", "person_id", "people_person", "CASCADE"),
    ("panels_cohortnotice", "entry_id", "panels_cohortentry", "CASCADE"),
    ("panels_question", "item_id", "panels_item", "SET NULL"),
)


def tied(table: str, column: str, parent: str, how: str) -> str:
    return f"""
DO $$ DECLARE old text; BEGIN
  SELECT c.conname INTO old FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    WHERE c.conrelid = '{table}'::regclass AND c.contype = 'f' AND a.attname = '{column}';
  EXECUTE format('ALTER TABLE {table} DROP CONSTRAINT %I', old);
  EXECUTE format('ALTER TABLE {table} ADD CONSTRAINT %I FOREIGN KEY ({column}) REFERENCES {parent} (id) ON DELETE {how} '
    'DEFERRABLE INITIALLY DEFERRED', old);
END $$;"""


class Migration(migrations.Migration):
    dependencies = [("panels", "0012_tables")]
    operations = [
        *(migrations.RunSQL(sql, no_security_sql(table)) for table, sql in WALLS.items()),
        migrations.RunSQL(SEAL, UNSEAL),
        migrations.RunSQL(CARRY, "DROP FUNCTION panels_carry_hidden(uuid)"),
        migrations.RunSQL(run_sql("panels_carry_hidden(uuid)") + run_sql("panels_signed(uuid)"), migrations.RunSQL.noop),
        migrations.RunSQL(PUBLIC, "DROP VIEW panels_public_agenda"),
        migrations.RunSQL("".join(tied(*each) for each in WITH_PARENT), migrations.RunSQL.noop),
        migrations.RunSQL(tables_sql(*WALLS, verbs="SELECT, INSERT, UPDATE"), revoke_sql(*WALLS)),
        migrations.RunSQL(tables_sql("panels_public_agenda", verbs="SELECT"), revoke_sql("panels_public_agenda")),
    ]
