"""Every personal table is erased with what it belongs to, and what is over by its own date is cleared.

What hangs on a record by foreign keys goes with it: the tables are found in the database's own catalogue, so that one
added later is not forgotten. What stands for itself is named in `records_alone`. The list that people read
(`codelists/record_tables.csv`) is held to what these functions reach by a test.
"""

from django.db import migrations

from concord.desk.accounts.grants import run_sql

# --- what is past its time ---------------------------------------------------------------------------------------

DUE = """
CREATE OR REPLACE FUNCTION records_due(categories jsonb, today date)
  RETURNS TABLE (category text, kind text, id uuid, ends_on date, held boolean)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH schedule AS (
    SELECT place, c ->> 'key' AS key, c ->> 'of' AS of, c ->> 'pathway' AS pathway, c ->> 'forum' AS forum,
      (c ->> 'months')::int AS months, (c ->> 'until_age')::int AS until_age,
      ARRAY(SELECT jsonb_array_elements_text(c -> 'routes')) AS routes
    FROM jsonb_array_elements(categories) WITH ORDINALITY AS each(c, place)
  ), records AS (
    SELECT 'contact' AS kind, c.id, c.pathway, NULL::text AS forum, c.route, c.decided_at AS closed_at,
      ARRAY(SELECT i.person_id FROM referrals_identified i WHERE i.contact_id = c.id) AS persons,
      (SELECT max(p.born_on) FROM referrals_party p WHERE p.referral_id = c.referral_id AND p.role = 'child') AS born_on
    FROM referrals_contact c
    WHERE c.decided_at IS NOT NULL AND c.partnership = concord_said('partnership')
      AND NOT EXISTS (SELECT FROM panels_item i WHERE i.contact_id = c.id)
    UNION ALL
    SELECT 'item', i.id, NULL, m.forum, NULL, coalesce(d.decided_at, m.starts_at),
      ARRAY(SELECT v.person_id FROM panels_involvement v WHERE v.item_id = i.id),
      (SELECT max(p.born_on) FROM panels_involvement v JOIN people_person p ON p.id = v.person_id
        WHERE v.item_id = i.id AND v.role = 'child')
    FROM panels_item i JOIN panels_meeting m ON m.id = i.meeting_id LEFT JOIN panels_decision d ON d.item_id = i.id
    WHERE i.state <> 'listed' AND i.partnership = concord_said('partnership')
      AND NOT EXISTS (SELECT FROM panels_item later WHERE later.carried_from_id = i.id)
      AND NOT EXISTS (SELECT FROM panels_action a WHERE a.item_id = i.id AND a.status = 'open')
    UNION ALL
    -- An assessment stays as long as a later one is compared with it.
    SELECT 'assessment', a.id, NULL, NULL, a.state, coalesce((SELECT max(j.at) FROM instruments_judgement j
        WHERE j.assessment_id = a.id), a.changed_at), array_remove(ARRAY[a.person_id], NULL),
      coalesce(a.born_on, (SELECT p.born_on FROM people_person p WHERE p.id = a.person_id))
    FROM instruments_assessment a WHERE a.partnership = concord_said('partnership')
      AND NOT EXISTS (SELECT FROM instruments_assessment later WHERE later.previous_id = a.id)
    UNION ALL
    SELECT 'session', s.id, NULL, NULL, NULL, s.ended_at, '{}', NULL
    FROM referrals_session s WHERE s.partnership = concord_said('partnership')
    UNION ALL
    SELECT 'pair', p.id, NULL, NULL, NULL, coalesce((SELECT max(o.at) FROM people_linkageopinion o
        WHERE o.pair_id = p.id), p.handed_at), '{}', NULL
    FROM people_linkagepair p WHERE p.state = 'settled' AND p.partnership = concord_said('partnership')
      AND NOT EXISTS (SELECT FROM people_linkageopinion o WHERE o.pair_id = p.id AND o.taken_at IS NULL)
    UNION ALL
    SELECT 'request', r.id, NULL, NULL, NULL, r.answered_at, r.persons, NULL
    FROM records_rightsrequest r WHERE r.answered_at IS NOT NULL AND r.partnership = concord_said('partnership')
    UNION ALL
    SELECT 'emergency', e.id, NULL, NULL, NULL, e.reviewed_at, array_remove(ARRAY[e.person_id], NULL), NULL
    FROM sharing_emergency e WHERE e.reviewed_at IS NOT NULL AND e.partnership = concord_said('partnership')
  ), fitted AS (
    SELECT DISTINCT ON (r.kind, r.id) r.*, s.key, greatest(
      ((r.closed_at AT TIME ZONE 'Europe/London') + make_interval(months => s.months))::date,
      -- Somebody who was grown up when it was made is not kept to a child's age.
      CASE WHEN r.born_on + interval '18 years' > r.closed_at
        THEN (r.born_on + make_interval(years => s.until_age))::date END) AS ends_on
    FROM records r JOIN schedule s ON s.of = CASE r.kind WHEN 'item' THEN 'case' ELSE r.kind END
      AND (s.pathway IS NULL OR s.pathway = r.pathway) AND (s.forum IS NULL OR s.forum = r.forum)
      AND (s.routes = '{}' OR r.route = ANY (s.routes))
    ORDER BY r.kind, r.id, s.place
  )
  SELECT f.key, f.kind, f.id, f.ends_on, records_held(f.kind, f.id, f.persons) FROM fitted f
  WHERE f.ends_on <= today AND records_role(ARRAY['data_protection_officer', 'records_keeper'])
  ORDER BY f.ends_on, f.id
$$;
"""

# --- erasing -----------------------------------------------------------------------------------------------------

ERASE = """
CREATE FUNCTION records_table(of_kind text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE of_kind WHEN 'contact' THEN 'referrals_contact' WHEN 'item' THEN 'panels_item'
    WHEN 'assessment' THEN 'instruments_assessment' WHEN 'session' THEN 'referrals_session'
    WHEN 'pair' THEN 'people_linkagepair' WHEN 'request' THEN 'records_rightsrequest'
    WHEN 'emergency' THEN 'sharing_emergency' END
$$;
-- What stands for itself: a foreign key from one of these does not make it part of something else.
CREATE FUNCTION records_alone() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT ARRAY['referrals_referral', 'referrals_contact', 'referrals_subject', 'panels_meeting', 'panels_item',
    'people_person', 'instruments_assessment', 'people_linkagepair', 'records_rightsrequest']
$$;
-- Every foreign key by which a table hangs on `root`, and on what hangs on it.
CREATE FUNCTION records_below(root text) RETURNS TABLE (child text, col text, parent text, depth int)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH RECURSIVE below AS (
    SELECT root COLLATE "C" AS child, NULL::text COLLATE "C" AS col, NULL::text COLLATE "C" AS parent, 0 AS depth
    UNION
    SELECT c.conrelid::regclass::text COLLATE "C", a.attname::text COLLATE "C", b.child, b.depth + 1
    FROM below b JOIN pg_constraint c ON c.contype = 'f' AND c.confrelid = to_regclass(b.child)
      JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    -- A room's tables hang on its own records: that a case names a person does not make it part of the person.
    WHERE c.conrelid::regclass::text <> ALL (records_alone()) AND b.depth < 9
      AND split_part(c.conrelid::regclass::text, '_', 1) = split_part(root, '_', 1)
  )
  SELECT * FROM below WHERE below.depth > 0
$$;
-- The rows of `root` and of all that hangs on them, as identifiers by table.
CREATE FUNCTION records_all_of(root text, gone uuid[]) RETURNS jsonb
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  every jsonb := jsonb_build_object(root, to_jsonb(gone)); edge record; ids uuid[];
BEGIN
  FOR edge IN SELECT * FROM records_below(root) ORDER BY depth LOOP
    EXECUTE format('SELECT array_agg(id) FROM %I WHERE %I = ANY ($1)', edge.child, edge.col) INTO ids
      USING ARRAY(SELECT jsonb_array_elements_text(every -> edge.parent)::uuid);
    IF ids IS NOT NULL THEN
      every := every || jsonb_build_object(edge.child, coalesce(every -> edge.child, '[]') || to_jsonb(ids));
    END IF;
  END LOOP;
  RETURN every;
END $$;
-- Whoever one of these rows names by a foreign key to the table `named`.
CREATE FUNCTION records_named_in(every jsonb, named text) RETURNS uuid[]
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  found uuid[] := '{}'; more uuid[]; key record;
BEGIN
  FOR key IN SELECT c.conrelid::regclass::text AS child, a.attname::text AS col FROM pg_constraint c
      JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
      WHERE c.contype = 'f' AND c.confrelid = to_regclass(named) AND every ? c.conrelid::regclass::text LOOP
    EXECUTE format('SELECT array_agg(DISTINCT %I) FROM %I WHERE id = ANY ($1) AND %I IS NOT NULL',
      key.col, key.child, key.col) INTO more USING ARRAY(SELECT jsonb_array_elements_text(every -> key.child)::uuid);
    found := found || coalesce(more, '{}');
  END LOOP;
  RETURN ARRAY(SELECT DISTINCT unnest(found));
END $$;
-- Which of them nothing names any more. What is part of them and of nothing else does not count.
CREATE FUNCTION records_left_over(ids uuid[], named text) RETURNS uuid[]
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  needed uuid[] := '{}'; more uuid[]; key record;
BEGIN
  FOR key IN SELECT c.conrelid::regclass::text AS child, a.attname::text AS col FROM pg_constraint c
      JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
      WHERE c.contype = 'f' AND c.confrelid = to_regclass(named)
      AND (c.conrelid::regclass::text NOT IN (SELECT b.child FROM records_below(named) b)
        OR EXISTS (SELECT FROM unnest(records_alone()) r, LATERAL records_below(r) b
          WHERE r <> named AND b.child = c.conrelid::regclass::text)) LOOP
    EXECUTE format('SELECT array_agg(DISTINCT %I) FROM %I WHERE %I = ANY ($1)', key.col, key.child, key.col)
      INTO more USING ids;
    needed := needed || coalesce(more, '{}');
  END LOOP;
  RETURN ARRAY(SELECT DISTINCT each FROM unnest(ids) each WHERE each <> ALL (needed));
END $$;
-- Deletes rows of `root`, all that hangs on them, and what was shared about them.
CREATE FUNCTION records_strip(root text, gone uuid[]) RETURNS TABLE (name text, count bigint)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  every jsonb; edge record; n bigint; loose text;
BEGIN
  IF coalesce(array_length(gone, 1), 0) = 0 THEN RETURN; END IF;
  every := records_all_of(root, gone);
  FOR edge IN SELECT * FROM records_below(root) ORDER BY depth DESC, child LOOP
    EXECUTE format('DELETE FROM %I WHERE %I = ANY ($1)', edge.child, edge.col)
      USING ARRAY(SELECT jsonb_array_elements_text(every -> edge.parent)::uuid);
    GET DIAGNOSTICS n = ROW_COUNT; name := edge.child; count := n; RETURN NEXT;
  END LOOP;
  EXECUTE format('DELETE FROM %I WHERE id = ANY ($1)', root) USING gone;
  GET DIAGNOSTICS n = ROW_COUNT; name := root; count := n; RETURN NEXT;
  FOREACH loose IN ARRAY ARRAY['sharing_grant', 'sharing_exclusion', 'sharing_restriction'] LOOP
    EXECUTE format('DELETE FROM %I WHERE subject_id = ANY ($1)', loose) USING gone;
    GET DIAGNOSTICS n = ROW_COUNT; name := loose; count := n; RETURN NEXT;
  END LOOP;
  IF root = 'people_person' THEN
    DELETE FROM sharing_pointer p WHERE p.person_id = ANY (gone);
    GET DIAGNOSTICS n = ROW_COUNT; name := 'sharing_pointer'; count := n; RETURN NEXT;
  END IF;
END $$;

CREATE OR REPLACE FUNCTION records_erase(of_kind text, gone uuid[]) RETURNS TABLE (name text, count bigint)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  root text := records_table(of_kind); every jsonb; persons uuid[]; subjects uuid[]; referrals uuid[]; meetings uuid[];
  n bigint;
BEGIN
  IF NOT records_role(ARRAY['records_keeper']) THEN
    RAISE EXCEPTION 'only the records keeper erases' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF root IS NULL THEN RAISE EXCEPTION 'nothing is kept as %', of_kind; END IF;
  every := records_all_of(root, gone);
  persons := records_named_in(every, 'people_person');
  subjects := records_named_in(every, 'referrals_subject');
  IF of_kind = 'contact' THEN
    SELECT array_agg(DISTINCT c.referral_id) INTO referrals FROM referrals_contact c WHERE c.id = ANY (gone);
  ELSIF of_kind = 'item' THEN
    SELECT array_agg(DISTINCT t.meeting_id) INTO meetings FROM panels_item t WHERE t.id = ANY (gone);
  END IF;
  RETURN QUERY SELECT * FROM records_strip(root, gone);
  RETURN QUERY SELECT * FROM records_strip('referrals_referral', records_left_over(referrals, 'referrals_referral'));
  RETURN QUERY SELECT * FROM records_strip('referrals_subject', records_left_over(subjects, 'referrals_subject'));
  -- Signed minutes go with the last case of their meeting.
  DELETE FROM panels_minutes m WHERE m.meeting_id = ANY (coalesce(meetings, '{}'))
    AND NOT EXISTS (SELECT FROM panels_item t WHERE t.meeting_id = m.meeting_id);
  GET DIAGNOSTICS n = ROW_COUNT; name := 'panels_minutes'; count := n; RETURN NEXT;
  -- People about whom nothing is left, neither under this entry nor under one that is kept as the same person.
  persons := ARRAY(SELECT DISTINCT other FROM unnest(persons) p, LATERAL unnest(records_same_person(ARRAY[p])) other);
  persons := ARRAY(SELECT p FROM unnest(records_left_over(persons, 'people_person')) p
    WHERE records_same_person(ARRAY[p]) <@ records_left_over(records_same_person(ARRAY[p]), 'people_person')
      AND NOT records_held('person', p, records_same_person(ARRAY[p])));
  RETURN QUERY SELECT * FROM records_strip('people_person', persons);
  SET CONSTRAINTS ALL IMMEDIATE;
  SET CONSTRAINTS ALL DEFERRED;
END $$;
-- These people, and the entries that are kept as one with them.
CREATE FUNCTION records_same_person(persons uuid[]) RETURNS uuid[]
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH heads AS (
    SELECT unnest(persons) AS id UNION
    SELECT m.kept_id FROM people_merge m WHERE m.other_id = ANY (persons) AND m.undone_at IS NULL
  )
  SELECT ARRAY(SELECT id FROM heads UNION
    SELECT m.other_id FROM people_merge m JOIN heads h ON h.id = m.kept_id WHERE m.undone_at IS NULL)
$$;
-- What is over by its own date, and needs nobody's decision: forms begun and left, sessions and links that ended, counts of
-- failed sign-in, shares of pointers that ended a year ago.
CREATE FUNCTION records_clear(guards timestamptz) RETURNS TABLE (name text, count bigint)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE n bigint; at timestamptz := concord_at();
BEGIN
  IF NOT records_role(ARRAY['records_keeper']) THEN
    RAISE EXCEPTION 'only the records keeper clears' USING ERRCODE = 'insufficient_privilege';
  END IF;
  DELETE FROM referrals_kept k WHERE k.until <= at;
  GET DIAGNOSTICS n = ROW_COUNT; name := 'forms begun and left'; count := n; RETURN NEXT;
  DELETE FROM django_session s WHERE s.expire_date <= at;
  GET DIAGNOSTICS n = ROW_COUNT; name := 'sessions that ended'; count := n; RETURN NEXT;
  DELETE FROM accounts_invitation i WHERE i.ends_at <= at OR i.used_at IS NOT NULL;
  GET DIAGNOSTICS n = ROW_COUNT; name := 'links used or over'; count := n; RETURN NEXT;
  DELETE FROM accounts_signinguard g WHERE g.since <= guards AND coalesce(g.locked_until, at) <= at;
  GET DIAGNOSTICS n = ROW_COUNT; name := 'counts of failed sign-in'; count := n; RETURN NEXT;
  DELETE FROM sharing_pointer p WHERE p.ends_at <= at - interval '1 year' AND p.partnership = concord_said('partnership');
  GET DIAGNOSTICS n = ROW_COUNT; name := 'pointers that ended a year ago'; count := n; RETURN NEXT;
END $$;
-- What waits for a review or an answer, and since when (or until when): for counting. Names nobody.
CREATE FUNCTION records_waits() RETURNS TABLE (kind text, since timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT 'emergency', e.opened_at FROM sharing_emergency e WHERE e.reviewed_at IS NULL
    AND e.partnership = concord_said('partnership') AND records_role(ARRAY['records_keeper'])
  UNION ALL
  SELECT 'request', r.due_on::timestamp AT TIME ZONE 'Europe/London' FROM records_rightsrequest r
  WHERE r.answered_at IS NULL AND r.partnership = concord_said('partnership') AND records_role(ARRAY['records_keeper'])
$$;
"""

CALLED = (
    "records_clear(timestamptz)",
    "records_waits()",
    "records_below(text)",
)
INSIDE = (
    "records_all_of(text, uuid[])",
    "records_named_in(jsonb, text)",
    "records_left_over(uuid[], text)",
    "records_strip(text, uuid[])",
    "records_same_person(uuid[])",
)


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0003_tables"),
        ("panels", "0008_walls_of_more"),
        ("people", "0010_pair_walls"),
        ("referrals", "0006_extract_steps"),
        ("instruments", "0002_row_security"),
        ("sharing", "0005_assessment_kind"),
    ]
    operations = [
        migrations.RunSQL(DUE + ERASE, migrations.RunSQL.noop),
        migrations.RunSQL(
            "".join(run_sql(each) for each in CALLED)
            + "".join(f"REVOKE ALL ON FUNCTION {each} FROM PUBLIC;" for each in INSIDE),
            migrations.RunSQL.noop,
        ),
    ]
