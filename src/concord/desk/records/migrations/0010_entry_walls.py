"""Entries of registers about somebody who asks: read, given, put right; and whose use is restricted."""

from importlib import import_module

from django.db import migrations

from concord.desk.accounts.grants import no_security_sql, revoke_sql, run_sql, security_sql, tables_sql
from concord.desk.sharing.walls import HERE, with_parent

OWN = import_module("concord.desk.records.migrations.0005_walls")
BESIDE = import_module("concord.desk.records.migrations.0007_beside_cases")
REGISTERS = import_module("concord.desk.registers.migrations.0002_walls")

# What an entry says, for whoever it is about: the whole of it is read, and given or withheld, as one passage.
SAID = """jsonb_build_object('register', e.register, 'title', e.title, 'dated_on', e.dated_on, 'due_on', e.due_on, 'values',
      e.values, 'outcome', e.outcome, 'closing_note', e.closing_note"""
MORE = f"""    UNION ALL SELECT 'registers_entry', e.id, 'entry', e.entered_at, ({SAID}))::text FROM registers_entry e
      WHERE e.person_id = ANY (own.persons)
  ) t(source, of_row, field, at, said)"""
TEXTS = BESIDE.AFTER.replace("  ) t(source, of_row, field, at, said)", MORE, 1)

# Somebody of whom nothing else may be said is answered like a stranger, until an entry about them is given.
_NOTHING = "own.contacts = '{}' AND own.items = '{}' AND own.assessments = '{}'"
_BEFORE = f"IF own.persons IS NULL OR (own.elsewhere AND {_NOTHING}) THEN"
_GIVEN = """FROM registers_entry e JOIN records_passage p ON p.row = e.id
      WHERE p.request_id = request AND p.source = 'registers_entry' AND p.exemption = '' AND e.person_id = ANY (own.persons)"""
_AFTER = f"""IF own.persons IS NULL OR ({_NOTHING} AND (own.elsewhere OR EXISTS (SELECT FROM registers_entry e
      WHERE e.person_id = ANY (own.persons))) AND NOT EXISTS (SELECT {_GIVEN})) THEN"""
_, _start, _rest = OWN.OWN.partition("CREATE FUNCTION records_subject(")
SUBJECT_BEFORE = _start.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION") + _rest.partition("END $$;")[0] + "END $$;"
SUBJECT = SUBJECT_BEFORE.replace(_BEFORE, _AFTER, 1).replace(
    "    'sharing_grant',", f"    'registers_entry', (SELECT jsonb_agg(DISTINCT e.register) {_GIVEN}),\n    'sharing_grant',", 1
)

# A request stays as long as a restriction that was made for it stands.
_ANSWERED = "FROM records_rightsrequest r WHERE r.answered_at IS NOT NULL AND r.partnership = concord_said('partnership')"
DUE = BESIDE.DUE.replace(
    _ANSWERED,
    f"{_ANSWERED}\n      AND NOT EXISTS (SELECT FROM records_userestriction u WHERE u.request_id = r.id"
    " AND u.lifted_at IS NULL)",
    1,
)

# What is restricted is not counted either.
_COUNTED = "  WHERE counted ? e.register AND e.entered_at <= until"
EXTRACT_BEFORE = REGISTERS.EXTRACT.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
EXTRACT = EXTRACT_BEFORE.replace(
    _COUNTED,
    f"{_COUNTED}\n    AND NOT EXISTS (SELECT FROM records_userestriction u WHERE u.person_id = e.person_id"
    " AND u.lifted_at IS NULL AND (u.entry_id IS NULL OR u.entry_id = e.id))",
    1,
)
for _was, _is in ((BESIDE.AFTER, TEXTS), (SUBJECT_BEFORE, SUBJECT), (BESIDE.DUE, DUE), (EXTRACT_BEFORE, EXTRACT)):
    assert _was != _is  # noqa: S101  # a text that is no longer found must stop the migration, not pass it by

ENTRIES = f"""
CREATE FUNCTION records_entries(request uuid) RETURNS SETOF jsonb
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT {SAID}, 'id', e.id, 'person_id', e.person_id, 'agency', e.agency, 'version', e.version)
  FROM records_rightsrequest r JOIN registers_entry e ON e.person_id = ANY (r.persons)
  WHERE r.id = request AND r.kind IN ('rectification', 'restriction') AND r.partnership = concord_said('partnership')
    AND r.answered_at IS NULL AND records_role(ARRAY['data_protection_officer'])
  ORDER BY e.dated_on, e.id
$$;
-- An entry put right, open or closed, with what it said before in its history. Null: not there; false: changed meanwhile.
CREATE FUNCTION records_put_entry_right(request uuid, entry uuid, seen integer, said jsonb, because text) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE who uuid[]; held registers_entry; was jsonb;
BEGIN
  SELECT r.persons INTO who FROM records_rightsrequest r WHERE r.id = request AND r.kind = 'rectification'
    AND r.answered_at IS NULL AND r.partnership = concord_said('partnership')
    AND records_role(ARRAY['data_protection_officer']) FOR UPDATE;
  SELECT * INTO held FROM registers_entry e WHERE e.id = entry AND e.person_id = ANY (coalesce(who, '{{}}')) FOR UPDATE;
  IF NOT FOUND THEN RETURN NULL; END IF;
  IF held.version <> seen THEN RETURN false; END IF;
  was := jsonb_build_object('title', held.title, 'agency', held.agency, 'dated_on', held.dated_on, 'due_on', held.due_on)
    || held.values;
  UPDATE registers_entry SET title = said ->> 'title', dated_on = (said ->> 'dated_on')::date,
    due_on = (said ->> 'due_on')::date, values = said -> 'values', version = seen + 1 WHERE id = entry;
  INSERT INTO registers_change (id, entry_id, version, verb, reason, before, after, by_id, at)
    VALUES (gen_random_uuid(), entry, seen + 1, 'put_right', because, was, jsonb_build_object('title', said -> 'title',
      'agency', held.agency, 'dated_on', said -> 'dated_on', 'due_on', said -> 'due_on') || (said -> 'values'),
      concord_user(), concord_at());
  RETURN true;
END $$;
-- Everybody who received a person's record or one about them, however long ago; nobody's own account.
CREATE FUNCTION records_received(request uuid) RETURNS SETOF text
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT DISTINCT g.holder FROM records_rightsrequest r JOIN sharing_grant g ON g.partnership = r.partnership
    AND g.holder NOT LIKE 'user:%' AND (
      (g.subject_kind = 'person' AND g.subject_id = ANY (r.persons))
      OR (g.subject_kind = 'contact' AND g.subject_id IN (SELECT i.contact_id FROM referrals_identified i
        WHERE i.person_id = ANY (r.persons)))
      OR (g.subject_kind = 'item' AND g.subject_id IN (SELECT v.item_id FROM panels_involvement v
        WHERE v.person_id = ANY (r.persons))))
  WHERE r.id = request AND r.kind = 'restriction' AND r.partnership = concord_said('partnership')
    AND records_role(ARRAY['data_protection_officer'])
$$;
"""
CALLED = (
    "records_entries(uuid)",
    "records_put_entry_right(uuid, uuid, integer, jsonb, text)",
    "records_received(uuid)",
)
NO_ENTRIES = "".join(f"DROP FUNCTION {each};" for each in CALLED)

DPO = "'data_protection_officer' = ANY ((SELECT concord_list('roles'))::text[])"
TABLE = "records_userestriction"
WALL = security_sql(
    TABLE,
    read=f"{HERE} AND ({DPO} OR {with_parent('people_person', 'person_id')})",
    insert=f"{HERE} AND {DPO}",
    update=f"{HERE} AND {DPO}",
)


class Migration(migrations.Migration):
    dependencies = [("records", "0009_entries"), ("registers", "0002_walls")]
    operations = [
        migrations.RunSQL(TEXTS, BESIDE.AFTER),
        migrations.RunSQL(SUBJECT, SUBJECT_BEFORE),
        migrations.RunSQL(DUE, BESIDE.DUE),
        migrations.RunSQL(EXTRACT, EXTRACT_BEFORE),
        migrations.RunSQL(ENTRIES, NO_ENTRIES),
        migrations.RunSQL("".join(run_sql(each) for each in CALLED), migrations.RunSQL.noop),
        migrations.RunSQL(WALL, no_security_sql(TABLE)),
        migrations.RunSQL(tables_sql(TABLE, verbs="SELECT, INSERT, UPDATE"), revoke_sql(TABLE)),
    ]
