"""A person's own record from every table, put right and told of; who looked; and the walls of what is kept about it."""

from django.db import migrations

from concord.desk.accounts.grants import no_security_sql, revoke_sql, run_sql, security_sql, tables_sql

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
    "records_subject(uuid, text[])",
    "records_texts(uuid, text[])",
    "records_entry(uuid)",
    "records_put_right(uuid, text, text, text)",
    "records_looked(uuid, integer, integer)",
    "records_leads(uuid)",
)
INSIDE = ("records_own(uuid, text[])",)

HERE = "partnership = (SELECT concord_said('partnership'))"
ROLES = "(SELECT concord_list('roles'))::text[]"
DPO = f"'data_protection_officer' = ANY ({ROLES})"
KEEPER = f"'records_keeper' = ANY ({ROLES})"
ADMIN = f"'system_administrator' = ANY ({ROLES})"
VERBS = "(SELECT concord_list('verbs'))::text[]"
ME = "(SELECT concord_user())"
OF_REQUEST = "EXISTS (SELECT 1 FROM records_rightsrequest parent WHERE parent.id = request_id)"
MINE = (
    f"{HERE} AND holder = ANY ((SELECT concord_list('holders'))::text[])"
    f" AND NOT sharing_excluded('person', person_id, {ME})"
)
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
    dependencies = [("records", "0004_erasing")]
    operations = [
        migrations.RunSQL(OWN + LOOKED, migrations.RunSQL.noop),
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
