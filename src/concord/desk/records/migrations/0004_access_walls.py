"""Every personal table is erased with what it belongs to; a person's own record from every table; the calendar.

What hangs on a record by foreign keys goes with it: the tables are found in the database's own catalogue, so that one
added later is not forgotten. What stands for itself is named in `records_alone`. The list that people read
(`codelists/record_tables.csv`) is held to what these functions reach by a test.
"""

from django.db import migrations

from concord.desk.accounts.grants import no_security_sql, revoke_sql, run_sql, security_sql, tables_sql

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

# --- a person's own record ---------------------------------------------------------------------------------------

OWN = """
CREATE OR REPLACE FUNCTION records_find(request uuid, given text, families text[], born date) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE found uuid[];
BEGIN
  IF NOT records_role(ARRAY['data_protection_officer']) THEN RETURN false; END IF;
  SELECT array_agg(p.id ORDER BY p.recorded_at DESC) INTO found FROM people_person p
    WHERE p.partnership = concord_said('partnership') AND p.born_on = born
      AND ((upper(p.family_name) = ANY (families) AND upper(p.given_name) = given)
        OR EXISTS (SELECT FROM people_alias a WHERE a.person_id = p.id AND upper(a.family_name) = ANY (families)
          AND upper(a.given_name) IN (given, '')));
  UPDATE records_rightsrequest r SET person_id = found[1],
    persons = coalesce(records_same_person(found), '{}')
  WHERE r.id = request AND r.persons = '{}' AND r.answered_at IS NULL
    AND r.partnership = concord_said('partnership');
  RETURN true;
END $$;
-- Contacts, cases and assessments in which somebody is the one to be helped: what they are given. Nothing where they are the
-- alleged perpetrator, whatever else they are in it.
CREATE FUNCTION records_own(request uuid, helped text[], OUT persons uuid[], OUT contacts uuid[], OUT items uuid[],
    OUT assessments uuid[], OUT elsewhere boolean)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  SELECT r.persons INTO persons FROM records_rightsrequest r WHERE r.id = request
    AND r.kind IN ('access', 'rectification') AND r.answered_at IS NULL AND r.partnership = concord_said('partnership')
    AND records_role(ARRAY['data_protection_officer']);
  IF coalesce(persons, '{}') = '{}' THEN persons := NULL; RETURN; END IF;
  contacts := ARRAY(SELECT DISTINCT i.contact_id FROM referrals_identified i WHERE i.person_id = ANY (persons)
    AND i.role = ANY (helped) AND NOT EXISTS (SELECT FROM referrals_identified o WHERE o.contact_id = i.contact_id
      AND o.person_id = ANY (persons) AND o.role = 'perpetrator'));
  items := ARRAY(SELECT DISTINCT v.item_id FROM panels_involvement v WHERE v.person_id = ANY (persons)
    AND v.role = ANY (helped) AND NOT EXISTS (SELECT FROM panels_involvement o WHERE o.item_id = v.item_id
      AND o.person_id = ANY (persons) AND o.role = 'perpetrator'));
  assessments := ARRAY(SELECT a.id FROM instruments_assessment a WHERE a.person_id = ANY (persons));
  elsewhere := EXISTS (SELECT FROM referrals_identified i WHERE i.person_id = ANY (persons)
    UNION SELECT FROM panels_involvement v WHERE v.person_id = ANY (persons));
END $$;
DROP FUNCTION records_subject(uuid);
CREATE FUNCTION records_subject(request uuid, helped text[]) RETURNS jsonb
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE own record;
BEGIN
  SELECT * INTO own FROM records_own(request, helped);
  -- Somebody who is nothing but an alleged perpetrator, or stands beside somebody else, is answered like a stranger.
  IF own.persons IS NULL OR (own.elsewhere AND own.contacts = '{}' AND own.items = '{}' AND own.assessments = '{}') THEN
    RETURN NULL;
  END IF;
  RETURN jsonb_build_object(
    'people_person', (SELECT jsonb_agg(jsonb_build_object('given_name', p.given_name, 'family_name', p.family_name,
      'born_on', p.born_on, 'sex', p.sex, 'postcode', p.postcode, 'safe_contact', p.safe_contact, 'interpreter',
      p.interpreter, 'access_needs', p.access_needs, 'recorded_at', p.recorded_at) ORDER BY p.recorded_at DESC)
      FROM people_person p WHERE p.id = ANY (own.persons)),
    'people_personidentifier', (SELECT jsonb_agg(jsonb_build_object('scheme', i.scheme, 'value', i.value))
      FROM people_personidentifier i WHERE i.person_id = ANY (own.persons)),
    'people_alias', (SELECT jsonb_agg(jsonb_build_object('kind', a.kind, 'given_name', a.given_name, 'family_name',
      a.family_name, 'source', a.source)) FROM people_alias a WHERE a.person_id = ANY (own.persons)),
    'people_ethnicity', (SELECT jsonb_agg(jsonb_build_object('basis', e.basis, 'code', e.code, 'source', e.source))
      FROM people_ethnicity e WHERE e.person_id = ANY (own.persons)),
    'people_relationship', (SELECT jsonb_agg(DISTINCT jsonb_build_object('kind', r.kind, 'since', r.since, 'until',
      r.until, 'other', 'another person')) FROM people_relationship r WHERE r.person_id = ANY (own.persons)
      AND r.kind NOT LIKE '%perpetrator%'),
    'people_correction', (SELECT jsonb_agg(jsonb_build_object('field', c.field, 'before', c.before, 'after', c.after,
      'at', c.at) ORDER BY c.at) FROM people_correction c WHERE c.person_id = ANY (own.persons)),
    'people_merge', (SELECT jsonb_agg(jsonb_build_object('at', m.at, 'undone_at', m.undone_at)) FROM people_merge m
      WHERE m.kept_id = ANY (own.persons) AND m.other_id = ANY (own.persons)),
    'referrals_contact', (SELECT jsonb_agg(jsonb_build_object('pathway', c.pathway, 'received_at', c.received_at,
      'decided_at', c.decided_at, 'route', c.route, 'level', c.level) ORDER BY c.received_at) FROM referrals_contact c
      WHERE c.id = ANY (own.contacts)),
    'referrals_referral', (SELECT jsonb_agg(jsonb_build_object('sent_by', r.agency, 'sent_at', r.submitted_at, 'ground',
      r.ground, 'incident_on', r.incident_on, 'consent', r.consent)) FROM referrals_referral r
      JOIN referrals_contact c ON c.referral_id = r.id WHERE c.id = ANY (own.contacts)),
    'referrals_party', (SELECT jsonb_agg(jsonb_build_object('given_name', p.given_name, 'family_name', p.family_name,
      'born_on', p.born_on, 'postcode', p.postcode)) FROM referrals_party p JOIN referrals_identified i ON i.party_id = p.id
      WHERE i.contact_id = ANY (own.contacts) AND i.person_id = ANY (own.persons)),
    'referrals_identified', (SELECT jsonb_agg(jsonb_build_object('as', i.role, 'at', i.at)) FROM referrals_identified i
      WHERE i.contact_id = ANY (own.contacts) AND i.person_id = ANY (own.persons)),
    'referrals_check', (SELECT jsonb_agg(jsonb_build_object('agency', k.agency, 'asked_at', k.asked_at, 'outcome',
      k.outcome)) FROM referrals_check k WHERE k.contact_id = ANY (own.contacts)),
    'referrals_step', (SELECT jsonb_agg(jsonb_build_object('step', s.verb, 'at', s.at, 'to', s.target) ORDER BY s.at)
      FROM referrals_step s WHERE s.contact_id = ANY (own.contacts)),
    'panels_item', (SELECT jsonb_agg(jsonb_build_object('forum', m.forum, 'sat_at', m.starts_at, 'state', i.state)
      ORDER BY m.starts_at) FROM panels_item i JOIN panels_meeting m ON m.id = i.meeting_id WHERE i.id = ANY (own.items)),
    'panels_involvement', (SELECT jsonb_agg(jsonb_build_object('as', v.role)) FROM panels_involvement v
      WHERE v.item_id = ANY (own.items) AND v.person_id = ANY (own.persons)),
    'panels_research', (SELECT jsonb_agg(jsonb_build_object('agency', r.agency, 'at', r.at, 'nothing_held',
      r.nothing_held)) FROM panels_research r WHERE r.item_id = ANY (own.items)),
    'panels_intelligence', NULL,
    'panels_decision', (SELECT jsonb_agg(jsonb_build_object('outcome', d.outcome, 'at', d.decided_at)) FROM panels_decision d
      WHERE d.item_id = ANY (own.items)),
    'panels_rating', (SELECT jsonb_agg(jsonb_build_object('level', r.level, 'at', r.at)) FROM panels_rating r
      WHERE r.item_id = ANY (own.items)),
    'panels_action', (SELECT jsonb_agg(jsonb_build_object('agency', a.agency, 'due_on', a.due_on, 'status', a.status))
      FROM panels_action a WHERE a.item_id = ANY (own.items)),
    'instruments_assessment', (SELECT jsonb_agg(jsonb_build_object('instrument', a.instrument, 'begun_at', a.begun_at,
      'state', a.state, 'agency', a.agency)) FROM instruments_assessment a WHERE a.id = ANY (own.assessments)),
    'instruments_judgement', (SELECT jsonb_agg(jsonb_build_object('level', j.level, 'at', j.at)) FROM instruments_judgement j
      WHERE j.assessment_id = ANY (own.assessments)),
    'sharing_grant', (SELECT jsonb_agg(DISTINCT jsonb_build_object('to', CASE WHEN g.holder LIKE 'user:%' THEN
      'the person who sent it' ELSE g.holder END, 'gateway', g.gateway, 'agreement', g.agreement)) FROM sharing_grant g
      WHERE g.subject_id = ANY (own.contacts || own.items || own.assessments
        || ARRAY(SELECT c.referral_id FROM referrals_contact c WHERE c.id = ANY (own.contacts)))));
END $$;

-- What somebody wrote, passage by passage, for the officer to read: who else is named there is returned beside it.
CREATE FUNCTION records_texts(request uuid, helped text[]) RETURNS TABLE (source text, of_row uuid, field text, at timestamptz,
    said text, names jsonb)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE own record; others jsonb; mine jsonb;
BEGIN
  SELECT * INTO own FROM records_own(request, helped);
  IF own.persons IS NULL THEN RETURN; END IF;
  SELECT jsonb_agg(DISTINCT jsonb_build_array(n.given, n.family)) INTO others FROM (
    SELECT p.given_name AS given, p.family_name AS family FROM referrals_contact c JOIN referrals_party p USING (referral_id)
      WHERE c.id = ANY (own.contacts)
    UNION SELECT p.given_name, p.family_name FROM panels_involvement v JOIN people_person p ON p.id = v.person_id
      WHERE v.item_id = ANY (own.items) AND p.id <> ALL (own.persons)
    UNION SELECT p.given_name, p.family_name FROM people_relationship r JOIN people_person p
      ON p.id IN (r.person_id, r.other_id) AND p.id <> ALL (own.persons)
      WHERE own.persons && ARRAY[r.person_id, r.other_id]
    UNION SELECT a.given_name, a.family_name FROM people_relationship r JOIN people_alias a
      ON a.person_id IN (r.person_id, r.other_id) AND a.person_id <> ALL (own.persons)
      WHERE own.persons && ARRAY[r.person_id, r.other_id]) n;
  SELECT jsonb_agg(DISTINCT jsonb_build_array(n.given, n.family)) INTO mine FROM (
    SELECT p.given_name AS given, p.family_name AS family FROM people_person p WHERE p.id = ANY (own.persons)
    UNION SELECT a.given_name, a.family_name FROM people_alias a WHERE a.person_id = ANY (own.persons)) n;
  RETURN QUERY SELECT t.*, jsonb_build_object('others', coalesce(others, '[]'), 'own', coalesce(mine, '[]')) FROM (
    SELECT 'referrals_referral', r.id, v.field, r.submitted_at, v.said FROM referrals_referral r
      JOIN referrals_contact c ON c.referral_id = r.id,
      LATERAL (VALUES ('concern', r.concern), ('safe_contact', r.safe_contact), ('feedback', r.feedback),
        ('answers', nullif(r.answers::text, '{}'))) v(field, said) WHERE c.id = ANY (own.contacts)
    UNION ALL SELECT 'referrals_party', p.id, 'note', c.received_at, p.note FROM referrals_party p
      JOIN referrals_contact c USING (referral_id) JOIN referrals_identified i ON i.party_id = p.id
      WHERE c.id = ANY (own.contacts) AND i.person_id = ANY (own.persons)
    UNION ALL SELECT 'referrals_contact', c.id, v.field, c.received_at, v.said FROM referrals_contact c,
      LATERAL (VALUES ('rag_reason', c.rag_reason), ('rationale', c.rationale)) v(field, said)
      WHERE c.id = ANY (own.contacts)
    UNION ALL SELECT 'referrals_check', k.id, v.field, k.asked_at, v.said FROM referrals_check k,
      LATERAL (VALUES ('basis', k.basis), ('question', k.question), ('answer', k.answer)) v(field, said)
      WHERE k.contact_id = ANY (own.contacts)
    UNION ALL SELECT 'referrals_step', s.id, v.field, s.at, v.said FROM referrals_step s,
      LATERAL (VALUES ('note', s.note), ('answers', nullif(s.answers::text, '{}'))) v(field, said)
      WHERE s.contact_id = ANY (own.contacts)
    UNION ALL SELECT 'panels_item', i.id, v.field, i.listed_at, v.said FROM panels_item i,
      LATERAL (VALUES ('reason', i.reason), ('concern', i.concern)) v(field, said) WHERE i.id = ANY (own.items)
    UNION ALL SELECT 'panels_research', r.id, 'text', r.at, r.text FROM panels_research r WHERE r.item_id = ANY (own.items)
    UNION ALL SELECT 'panels_intelligence', r.id, 'text', r.at, r.text FROM panels_intelligence r
      WHERE r.item_id = ANY (own.items)
    UNION ALL SELECT 'panels_decision', d.id, 'reason', d.decided_at, d.reason FROM panels_decision d
      WHERE d.item_id = ANY (own.items)
    UNION ALL SELECT 'panels_rating', r.id, 'reason', r.at, r.reason FROM panels_rating r WHERE r.item_id = ANY (own.items)
    UNION ALL SELECT 'panels_action', a.id, v.field, a.raised_on::timestamptz, v.said FROM panels_action a,
      LATERAL (VALUES ('text', a.text), ('reason', a.reason)) v(field, said) WHERE a.item_id = ANY (own.items)
    UNION ALL SELECT 'instruments_assessment', a.id, v.field, a.begun_at, v.said FROM instruments_assessment a,
      LATERAL (VALUES ('answers', nullif(a.answers::text, '{}')), ('stopped_because', a.stopped_because)) v(field, said)
      WHERE a.id = ANY (own.assessments)
    UNION ALL SELECT 'instruments_judgement', j.id, v.field, j.at, v.said FROM instruments_judgement j,
      LATERAL (VALUES ('reason', j.reason), ('override', j.override), ('answers', nullif(j.answers::text, '{}')))
        v(field, said) WHERE j.assessment_id = ANY (own.assessments)
  ) t(source, of_row, field, at, said) WHERE coalesce(t.said, '') <> '' ORDER BY t.at, t.source, t.of_row, t.field;
END $$;

-- The entry as it stands, for the officer who puts it right; and the change, with what it said before.
CREATE FUNCTION records_entry(request uuid) RETURNS jsonb
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT jsonb_build_object('given_name', p.given_name, 'family_name', p.family_name, 'born_on', p.born_on, 'sex', p.sex,
    'postcode', p.postcode) FROM records_rightsrequest r JOIN people_person p ON p.id = r.person_id
  WHERE r.id = request AND r.kind = 'rectification' AND r.answered_at IS NULL
    AND r.partnership = concord_said('partnership') AND records_role(ARRAY['data_protection_officer'])
$$;
CREATE FUNCTION records_put_right(request uuid, of_field text, said text, because text) RETURNS text[]
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE who uuid[]; each uuid; was text; told text[];
BEGIN
  IF of_field NOT IN ('given_name', 'family_name', 'born_on', 'sex', 'postcode') THEN
    RAISE EXCEPTION 'no such field %', of_field;
  END IF;
  SELECT r.persons INTO who FROM records_rightsrequest r WHERE r.id = request AND r.kind = 'rectification'
    AND r.answered_at IS NULL AND r.partnership = concord_said('partnership')
    AND records_role(ARRAY['data_protection_officer']) FOR UPDATE;
  IF coalesce(who, '{}') = '{}' THEN RETURN NULL; END IF;
  FOREACH each IN ARRAY who LOOP
    EXECUTE format('SELECT %I::text FROM people_person WHERE id = $1 FOR UPDATE', of_field) INTO was USING each;
    CONTINUE WHEN was IS NOT DISTINCT FROM said;
    EXECUTE format('UPDATE people_person SET %I = $1::%s, version = version + 1 WHERE id = $2', of_field,
      CASE of_field WHEN 'born_on' THEN 'date' ELSE 'text' END) USING said, each;
    INSERT INTO people_correction (id, person_id, field, before, after, reason, by, at)
      VALUES (gen_random_uuid(), each, of_field, coalesce(was, ''), said, because, concord_user(), concord_at());
  END LOOP;
  -- Every team and forum that received what was wrong, however long ago: the person, or a record about them.
  SELECT array_agg(DISTINCT g.holder) INTO told FROM sharing_grant g
    WHERE g.partnership = concord_said('partnership') AND (
      (g.subject_kind = 'person' AND g.subject_id = ANY (who))
      OR (g.subject_kind = 'contact' AND g.subject_id IN (SELECT i.contact_id FROM referrals_identified i
        WHERE i.person_id = ANY (who)))
      OR (g.subject_kind = 'item' AND g.subject_id IN (SELECT v.item_id FROM panels_involvement v
        WHERE v.person_id = ANY (who))));
  RETURN coalesce(told, '{}');
END $$;
"""

# --- who looked, for whoever answers for the person --------------------------------------------------------------

LOOKED = """
-- Whoever answers for the person where the record is held (a manager of the team, the coordinator of the forum) and may
-- open them reads who looked. A line made for a purpose that is not theirs would tell that another forum hears the person:
-- it is the officer's alone.
CREATE FUNCTION records_leads(person uuid) RETURNS boolean
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN people_open_to_asker(person) AND EXISTS (SELECT FROM sharing_grant g
    WHERE g.subject_id = person AND g.subject_kind = 'person' AND g.partnership = concord_said('partnership')
      AND g.starts_at <= concord_at() AND (g.ends_at IS NULL OR g.ends_at > concord_at())
      AND (('person.looked' = ANY (concord_list('verbs')) AND g.holder LIKE 'team:%' AND g.holder = ANY (concord_list('holders')))
        OR EXISTS (SELECT FROM unnest(concord_list('forums')) f WHERE f LIKE '%:coordinator'
          AND g.holder IN ('forum:' || f, 'forum:' || split_part(f, ':', 1)))));
END $$;
CREATE FUNCTION records_looked(person uuid, most integer, after integer) RETURNS SETOF audit_auditevent
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT records_leads(person) THEN RETURN; END IF;
  RETURN QUERY
    SELECT * FROM audit_auditevent e WHERE e.partnership = concord_said('partnership') AND e.id IN (
      SELECT o.id FROM audit_auditevent o WHERE o.object_type = 'person' AND o.object_id = person::text
      UNION ALL SELECT s.id FROM audit_auditevent s WHERE s.subjects @> ARRAY[person]
    ) AND string_to_array(e.purpose, ',') && concord_list('purposes')
      AND e.operation IN ('consultation', 'alteration', 'collection', 'combination') AND e.outcome = 'done'
      AND e.action NOT IN ('person.emergency', 'glass.break')
    ORDER BY e.at DESC, e.id LIMIT most OFFSET after;
END $$;
"""

CALLED = (
    "records_clear(timestamptz)",
    "records_waits()",
    "records_subject(uuid, text[])",
    "records_texts(uuid, text[])",
    "records_entry(uuid)",
    "records_put_right(uuid, text, text, text)",
    "records_looked(uuid, integer, integer)",
    "records_leads(uuid)",
    "records_below(text)",
)
INSIDE = (
    "records_all_of(text, uuid[])",
    "records_named_in(jsonb, text)",
    "records_left_over(uuid[], text)",
    "records_strip(text, uuid[])",
    "records_same_person(uuid[])",
    "records_own(uuid, text[])",
)

HERE = "partnership = (SELECT concord_said('partnership'))"
ROLES = "(SELECT concord_list('roles'))::text[]"
DPO = f"'data_protection_officer' = ANY ({ROLES})"
KEEPER = f"'records_keeper' = ANY ({ROLES})"
ADMIN = f"'system_administrator' = ANY ({ROLES})"
VERBS = "(SELECT concord_list('verbs'))::text[]"
ME = "(SELECT concord_user())"
OF_REQUEST = "EXISTS (SELECT 1 FROM records_rightsrequest parent WHERE parent.id = request_id)"
MINE = f"{HERE} AND holder = ANY ((SELECT concord_list('holders'))::text[])"
REVIEWS = (
    f"{HERE} AND ('access.review' = ANY ({VERBS}) OR EXISTS (SELECT FROM unnest(concord_list('forums')) f"
    " WHERE f LIKE '%:coordinator'))"
)

WALLS = {
    "records_passage": security_sql(
        "records_passage", read=f"{DPO} AND {OF_REQUEST}", insert=f"{DPO} AND {OF_REQUEST}", update=f"{DPO} AND {OF_REQUEST}"
    ),
    "records_notice": security_sql(
        "records_notice", read=f"({MINE}) OR ({HERE} AND {DPO})", insert=f"{HERE} AND {DPO}", update=MINE
    ),
    "records_run": security_sql(
        "records_run", read=f"{HERE} AND ({KEEPER} OR {ADMIN} OR {DPO})", insert=f"{HERE} AND {KEEPER}",
        update=f"{HERE} AND {KEEPER}",
    ),
    "records_accessreview": security_sql(
        "records_accessreview", read=f"({REVIEWS}) OR ({HERE} AND ({ADMIN} OR {KEEPER}))",
        insert=f"{REVIEWS} AND by = {ME} AND user_id <> {ME}",
    ),
}  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0003_access_tables"),
        ("panels", "0008_walls_of_more"),
        ("people", "0010_pair_walls"),
        ("referrals", "0006_extract_steps"),
        ("instruments", "0002_row_security"),
        ("sharing", "0005_assessment_kind"),
    ]
    operations = [
        migrations.RunSQL(DUE + ERASE + OWN + LOOKED, migrations.RunSQL.noop),
        migrations.RunSQL(
            "".join(run_sql(each) for each in CALLED)
            + "".join(f"REVOKE ALL ON FUNCTION {each} FROM PUBLIC;" for each in INSIDE),
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            "UPDATE records_rightsrequest SET state = 'answered' WHERE answered_at IS NOT NULL;"
            "UPDATE records_rightsrequest SET persons = ARRAY[person_id] WHERE person_id IS NOT NULL;",
            migrations.RunSQL.noop,
        ),
        *(migrations.RunSQL(sql, no_security_sql(table)) for table, sql in WALLS.items()),
        migrations.RunSQL(
            tables_sql("records_passage", "records_notice", "records_run", verbs="SELECT, INSERT, UPDATE")
            + tables_sql("records_accessreview", verbs="SELECT, INSERT"),
            revoke_sql(*WALLS),
        ),
    ]
