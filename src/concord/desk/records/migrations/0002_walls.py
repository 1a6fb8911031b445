"""What is past its time, erased by one function for one role; certificates that nobody alters; one person's own record.

The application may delete no row. What may go is decided in `records_due`, asked again at the moment of erasing.
"""

from django.db import migrations

from concord.desk.accounts.grants import no_security_sql, revoke_sql, run_sql, security_sql, tables_sql

FUNCTIONS = """
CREATE FUNCTION records_role(wanted text[]) RETURNS boolean LANGUAGE sql STABLE AS
  $$ SELECT concord_list('roles') && wanted $$;

-- A person held back by a hold, or what they are in.
CREATE FUNCTION records_held(of_kind text, of_id uuid, persons uuid[]) RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM records_hold h WHERE h.lifted_at IS NULL AND h.partnership = concord_said('partnership')
    AND ((h.kind = of_kind AND h.subject_id = of_id) OR (h.kind = 'person' AND h.subject_id = ANY (persons))))
$$;

-- Each decided record, the first category that fits it, and the day its time ends. A contact stays as long as a case
-- rests on it, a case as long as a later one carries it on or an action of it is open.
CREATE FUNCTION records_due(categories jsonb, today date)
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
  ), fitted AS (
    SELECT DISTINCT ON (r.kind, r.id) r.*, s.key, greatest(
      ((r.closed_at AT TIME ZONE 'Europe/London') + make_interval(months => s.months))::date,
      (r.born_on + make_interval(years => s.until_age))::date) AS ends_on
    FROM records r JOIN schedule s ON s.of = CASE r.kind WHEN 'item' THEN 'case' ELSE 'contact' END
      AND (s.pathway IS NULL OR s.pathway = r.pathway) AND (s.forum IS NULL OR s.forum = r.forum)
      AND (s.routes = '{}' OR r.route = ANY (s.routes))
    ORDER BY r.kind, r.id, s.place
  )
  SELECT f.key, f.kind, f.id, f.ends_on, records_held(f.kind, f.id, f.persons) FROM fitted f
  WHERE f.ends_on <= today AND records_role(ARRAY['data_protection_officer', 'records_keeper'])
  ORDER BY f.ends_on, f.id
$$;

CREATE FUNCTION records_erase(of_kind text, gone uuid[]) RETURNS TABLE (name text, count bigint)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  referrals uuid[]; persons uuid[]; meetings uuid[]; tables text[]; conditions text[]; n bigint; i int;
BEGIN
  IF NOT records_role(ARRAY['records_keeper']) THEN
    RAISE EXCEPTION 'only the records keeper erases' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF of_kind = 'contact' THEN
    SELECT array_agg(DISTINCT c.referral_id) INTO referrals FROM referrals_contact c WHERE c.id = ANY (gone);
    SELECT array_agg(DISTINCT v.person_id) INTO persons FROM referrals_identified v WHERE v.contact_id = ANY (gone);
    tables := ARRAY['referrals_identified', 'referrals_check', 'referrals_contact', 'referrals_party', 'referrals_referral'];
    conditions := ARRAY['contact_id = ANY ($1)', 'contact_id = ANY ($1)', 'id = ANY ($1)', 'referral_id = ANY ($2)',
      'id = ANY ($2)'];
  ELSE
    SELECT array_agg(DISTINCT v.person_id) INTO persons FROM panels_involvement v WHERE v.item_id = ANY (gone);
    SELECT array_agg(DISTINCT t.meeting_id) INTO meetings FROM panels_item t WHERE t.id = ANY (gone);
    tables := ARRAY['panels_intelligence', 'panels_research', 'panels_researchgiven', 'panels_conflict',
      'panels_involvement', 'panels_decision', 'panels_action', 'panels_item'];
    conditions := array_fill('item_id = ANY ($1)'::text, ARRAY[7]) || 'id = ANY ($1)'::text;
  END IF;
  FOR i IN 1 .. array_length(tables, 1) LOOP
    EXECUTE format('DELETE FROM %I WHERE %s', tables[i], conditions[i]) USING gone, coalesce(referrals, '{}');
    GET DIAGNOSTICS n = ROW_COUNT;
    name := tables[i]; count := n; RETURN NEXT;
  END LOOP;
  -- Signed minutes go with the last case of their meeting.
  DELETE FROM panels_minutes m WHERE m.meeting_id = ANY (coalesce(meetings, '{}'))
    AND NOT EXISTS (SELECT FROM panels_item t WHERE t.meeting_id = m.meeting_id);
  GET DIAGNOSTICS n = ROW_COUNT; name := 'panels_minutes'; count := n; RETURN NEXT;
  -- People about whom nothing is left.
  SELECT array_agg(p) INTO persons FROM unnest(coalesce(persons, '{}')) p
    WHERE NOT EXISTS (SELECT FROM referrals_identified v WHERE v.person_id = p)
      AND NOT EXISTS (SELECT FROM panels_involvement v WHERE v.person_id = p)
      AND NOT records_held('person', p, ARRAY[p]);
  persons := coalesce(persons, '{}');
  DELETE FROM people_relationship r WHERE r.person_id = ANY (persons) OR r.other_id = ANY (persons);
  GET DIAGNOSTICS n = ROW_COUNT; name := 'people_relationship'; count := n; RETURN NEXT;
  DELETE FROM people_personidentifier r WHERE r.person_id = ANY (persons);
  GET DIAGNOSTICS n = ROW_COUNT; name := 'people_personidentifier'; count := n; RETURN NEXT;
  DELETE FROM people_correction r WHERE r.person_id = ANY (persons);
  GET DIAGNOSTICS n = ROW_COUNT; name := 'people_correction'; count := n; RETURN NEXT;
  DELETE FROM people_person p WHERE p.id = ANY (persons);
  GET DIAGNOSTICS n = ROW_COUNT; name := 'people_person'; count := n; RETURN NEXT;
  DELETE FROM sharing_pointer p WHERE p.person_id = ANY (persons);
  -- What was shared, and who was kept out, goes with what it was about.
  DELETE FROM sharing_grant g WHERE g.subject_id = ANY (gone || coalesce(referrals, '{}') || persons);
  GET DIAGNOSTICS n = ROW_COUNT; name := 'sharing_grant'; count := n; RETURN NEXT;
  DELETE FROM sharing_exclusion g WHERE g.subject_id = ANY (gone || coalesce(referrals, '{}') || persons);
  DELETE FROM sharing_restriction g WHERE g.subject_id = ANY (gone || coalesce(referrals, '{}') || persons);
END $$;

CREATE FUNCTION records_find(request uuid, given text, families text[], born date) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT records_role(ARRAY['data_protection_officer']) THEN RETURN false; END IF;
  UPDATE records_rightsrequest r SET person_id = (
    SELECT p.id FROM people_person p WHERE p.partnership = r.partnership AND upper(p.family_name) = ANY (families)
      AND upper(p.given_name) = given AND p.born_on = born ORDER BY p.recorded_at DESC LIMIT 1)
  WHERE r.id = request AND r.person_id IS NULL AND r.answered_at IS NULL
    AND r.partnership = concord_said('partnership');
  RETURN true;
END $$;

-- One person's own record, for an access request that was entered and waits. Only where they are the one to be helped:
-- nothing of a case in which they are the alleged perpetrator, or beside somebody else.
CREATE FUNCTION records_subject(request uuid) RETURNS jsonb
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  who uuid;
  found jsonb;
BEGIN
  SELECT r.person_id INTO who FROM records_rightsrequest r WHERE r.id = request AND r.kind = 'access'
    AND r.answered_at IS NULL AND r.partnership = concord_said('partnership')
    AND records_role(ARRAY['data_protection_officer']);
  IF who IS NULL THEN RETURN NULL; END IF;
  WITH contacts AS (
    SELECT c.received_at, c.decided_at, c.route, r.pathway, r.agency, length(r.concern) > 0 AS text
    FROM referrals_identified i JOIN referrals_contact c ON c.id = i.contact_id
      JOIN referrals_referral r ON r.id = c.referral_id
    WHERE i.person_id = who AND i.role IN ('child', 'victim')
      AND NOT EXISTS (SELECT FROM referrals_identified o WHERE o.person_id = who AND o.role = 'perpetrator'
        AND o.contact_id = i.contact_id)
    ORDER BY c.received_at
  ), cases AS (
    SELECT m.forum, m.starts_at, d.outcome FROM panels_involvement v JOIN panels_item t ON t.id = v.item_id
      JOIN panels_meeting m ON m.id = t.meeting_id LEFT JOIN panels_decision d ON d.item_id = t.id
    WHERE v.person_id = who AND v.role IN ('child', 'victim')
      AND NOT EXISTS (SELECT FROM panels_involvement o WHERE o.person_id = who AND o.role = 'perpetrator'
        AND o.item_id = v.item_id)
    ORDER BY m.starts_at
  )
  SELECT jsonb_build_object(
    'person', jsonb_build_object('given_name', p.given_name, 'family_name', p.family_name, 'born_on', p.born_on,
      'sex', p.sex, 'postcode', p.postcode, 'identifiers', (SELECT coalesce(jsonb_agg(jsonb_build_object('scheme',
        i.scheme, 'value', i.value)), '[]') FROM people_personidentifier i WHERE i.person_id = who)),
    'contacts', (SELECT coalesce(jsonb_agg(to_jsonb(contacts) - 'text'), '[]') FROM contacts),
    'cases', (SELECT coalesce(jsonb_agg(to_jsonb(cases)), '[]') FROM cases),
    'texts', (SELECT count(*) FROM contacts WHERE text))
  INTO found FROM people_person p WHERE p.id = who;
  RETURN CASE WHEN found -> 'contacts' = '[]' AND found -> 'cases' = '[]' AND EXISTS (
      SELECT FROM referrals_identified i WHERE i.person_id = who UNION SELECT FROM panels_involvement v WHERE v.person_id = who)
    THEN NULL ELSE found END;
END $$;
CREATE TRIGGER certificate_kept BEFORE UPDATE OR DELETE ON records_erasurecertificate
  FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER certificate_not_emptied BEFORE TRUNCATE ON records_erasurecertificate EXECUTE FUNCTION audit_refuse();
"""
UNDO = """
DROP TRIGGER certificate_kept ON records_erasurecertificate;
DROP TRIGGER certificate_not_emptied ON records_erasurecertificate;
DROP FUNCTION records_subject(uuid); DROP FUNCTION records_find(uuid, text, text[], date);
DROP FUNCTION records_erase(text, uuid[]); DROP FUNCTION records_due(jsonb, date);
DROP FUNCTION records_held(text, uuid, uuid[]); DROP FUNCTION records_role(text[]);
"""
CALLED = (
    "records_due(jsonb, date)",
    "records_held(text, uuid, uuid[])",
    "records_erase(text, uuid[])",
    "records_find(uuid, text, text[], date)",
    "records_subject(uuid)",
)

HERE = "partnership = (SELECT concord_said('partnership'))"
ROLES = "(SELECT concord_list('roles'))::text[]"
DPO = f"'data_protection_officer' = ANY ({ROLES})"
KEEPER = f"'records_keeper' = ANY ({ROLES})"
EITHER = f"{HERE} AND ({DPO} OR {KEEPER})"

WALLS = {
    "records_hold": security_sql("records_hold", read=EITHER, insert=f"{HERE} AND {DPO}", update=f"{HERE} AND {DPO}"),
    "records_approval": security_sql(
        "records_approval", read=EITHER, insert=f"{HERE} AND {DPO}", update=f"{HERE} AND {KEEPER}"
    ),
    "records_erasurecertificate": security_sql(
        "records_erasurecertificate", read=EITHER, insert=f"{HERE} AND {KEEPER}"
    ),
    "records_rightsrequest": security_sql(
        "records_rightsrequest", read=f"{HERE} AND {DPO}", insert=f"{HERE} AND {DPO}", update=f"{HERE} AND {DPO}"
    ),
}


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0001_initial"),
        ("panels", "0006_intelligence_wall"),
        ("people", "0006_correction_wall"),
        ("audit", "0004_reading"),
    ]
    operations = [
        migrations.RunSQL(FUNCTIONS, UNDO),
        migrations.RunSQL("".join(run_sql(each) for each in CALLED), migrations.RunSQL.noop),
        *(migrations.RunSQL(sql, no_security_sql(table)) for table, sql in WALLS.items()),
        migrations.RunSQL(
            tables_sql("records_hold", "records_approval", "records_rightsrequest", verbs="SELECT, INSERT, UPDATE")
            + tables_sql("records_erasurecertificate", verbs="SELECT, INSERT"),
            revoke_sql(*WALLS),
        ),
    ]
