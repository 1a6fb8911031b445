"""A view of the second agency is where its assessment is. A result is there, too, for whoever holds the assessment as a
status, and for whoever may open a contact that it was enclosed with: not one answer, and not the reason. Nothing of
either is ever altered.

The extract's second view tells who was due an assessment by a referral, and which instruments they had: no name, no
identifier, no answer. Somebody referred twice in a quarter is one line.
"""

from django.db import migrations

from concord.desk.accounts.grants import no_security_sql, revoke_sql, run_sql, security_sql, tables_sql
from concord.desk.sharing.walls import shared, with_parent

PART = with_parent("instruments_assessment", "assessment_id")
BY_CONTACT = (
    "EXISTS (SELECT 1 FROM instruments_enclosed_in(instruments_result.assessment_id) AS came(contact)"
    " JOIN referrals_contact c ON c.id = came.contact)"
)
STATUS = shared("assessment", "instruments_result.assessment_id", "status")

WALLS = {
    "instruments_opinion": security_sql("instruments_opinion", read=PART, insert=PART),
    "instruments_onward": security_sql("instruments_onward", read=PART, insert=PART),
    "instruments_result": security_sql(
        "instruments_result", read=f"{PART} OR {STATUS} OR {BY_CONTACT}", insert=PART
    ),
}

DUE = """
CREATE VIEW instruments_extract_due AS
  SELECT DISTINCT ON (r.pathway, p.role, r.ground, who.key, date_trunc('quarter', r.submitted_at))
    r.pathway, p.role, r.ground, r.agency, r.submitted_at,
    date_part('year', age((r.submitted_at AT TIME ZONE 'Europe/London')::date, p.born_on))::integer AS years,
    ARRAY (SELECT DISTINCT a.instrument::text FROM instruments_assessment a
      WHERE a.state <> 'stopped' AND a.begun_at >= r.submitted_at - interval '180 days'
        AND (a.referral_id = r.id OR a.person_id = i.person_id OR (a.born_on = p.born_on
          AND upper(a.family_name) = upper(p.family_name) AND upper(a.given_name) = upper(p.given_name)))) AS assessed
  FROM referrals_referral r
  JOIN referrals_party p ON p.referral_id = r.id
  LEFT JOIN referrals_identified i ON i.party_id = p.id
  CROSS JOIN LATERAL (SELECT coalesce(i.person_id::text,
    upper(p.given_name || '|' || p.family_name) || '|' || p.born_on::text, p.id::text) AS key) who
  WHERE r.partnership = concord_said('partnership') AND 'desk_extract' = ANY (concord_list('roles'))
  ORDER BY r.pathway, p.role, r.ground, who.key, date_trunc('quarter', r.submitted_at), r.submitted_at;
"""

# Which assessments came with a contact, and which contacts with an assessment: identifiers alone. A panel's members
# hold the case and not the contact, and their policy (in the panels room) has to get from one to the other.
FUNCTIONS = """
CREATE FUNCTION instruments_enclosed(contact uuid) RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
  SELECT o.assessment_id FROM instruments_onward o JOIN referrals_contact c ON c.referral_id = o.referral_id
  WHERE c.id = contact $$;
CREATE FUNCTION instruments_enclosed_in(assessment uuid) RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
  SELECT c.id FROM instruments_onward o JOIN referrals_contact c ON c.referral_id = o.referral_id
  WHERE o.assessment_id = assessment $$;
"""
UNDO = "DROP FUNCTION instruments_enclosed(uuid); DROP FUNCTION instruments_enclosed_in(uuid);"

RESULTS = """
INSERT INTO instruments_result
  (id, partnership, assessment_id, judgement_id, version_id, instrument, reference, about, level, kept, decided_by,
   agency, at)
SELECT gen_random_uuid(), a.partnership, a.id, j.id, a.version_id, a.instrument, a.reference,
  trim(a.given_name || ' ' || a.family_name), j.level, jsonb_build_object('scores', j.kept -> 'scores', 'bands',
  j.kept -> 'bands', 'factors', coalesce(j.kept -> 'factors', '[]'::jsonb)), u.display_name, j.agency, j.at
FROM instruments_judgement j JOIN instruments_assessment a ON a.id = j.assessment_id
JOIN accounts_user u ON u.id = j.by_id;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("instruments", "0004_onward"),
        ("sharing", "0005_assessment_kind"),
        ("referrals", "0005_step_walls"),
    ]
    operations = [
        migrations.RunSQL(RESULTS, migrations.RunSQL.noop),
        migrations.RunSQL(FUNCTIONS, UNDO),
        migrations.RunSQL(run_sql("instruments_enclosed(uuid)"), migrations.RunSQL.noop),
        migrations.RunSQL(run_sql("instruments_enclosed_in(uuid)"), migrations.RunSQL.noop),
        *(migrations.RunSQL(sql, no_security_sql(table)) for table, sql in WALLS.items()),
        migrations.RunSQL(DUE, "DROP VIEW instruments_extract_due"),
        migrations.RunSQL(
            tables_sql("instruments_opinion", "instruments_onward", "instruments_result", verbs="SELECT, INSERT"),
            revoke_sql("instruments_opinion", "instruments_onward", "instruments_result"),
        ),
        migrations.RunSQL(
            tables_sql("instruments_extract_due", verbs="SELECT"), revoke_sql("instruments_extract_due")
        ),
    ]
