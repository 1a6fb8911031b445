"""Restricted and sealed records are there for the people named; pointers and emergency openings lean on the same.

`sharing_excluded` keeps its name and its callers: whoever a restriction does not name is kept out like somebody who
declared a conflict, in every policy and every list at once.
"""

from django.db import migrations

from concord.desk.accounts.grants import no_security_sql, revoke_sql, run_sql, security_sql, tables_sql

EXCLUDED = """
CREATE OR REPLACE FUNCTION sharing_excluded(kind text, subject uuid, who uuid) RETURNS boolean
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM sharing_exclusion x
      WHERE x.subject_kind = kind AND x.subject_id = subject AND x.user_id = who)
    OR EXISTS (SELECT FROM sharing_restriction r
      WHERE r.subject_id = subject AND r.subject_kind = kind AND r.lifted_at IS NULL AND who <> ALL (r.named || r.keepers));
END $$;
CREATE OR REPLACE FUNCTION sharing_copy_exclusions(kind text, subject uuid, persons uuid[], since timestamptz) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO sharing_exclusion (id, partnership, subject_kind, subject_id, user_id, declared_by, declared_at)
  SELECT gen_random_uuid(), x.partnership, kind, subject, x.user_id, min(x.declared_by::text)::uuid, since
  FROM sharing_exclusion x
  WHERE x.subject_kind = 'person' AND x.subject_id = ANY (persons) AND x.partnership = concord_said('partnership')
  GROUP BY x.partnership, x.user_id
  ON CONFLICT DO NOTHING;
  INSERT INTO sharing_restriction (id, partnership, subject_kind, subject_id, level, named, keepers, reason, set_by, set_at)
  SELECT gen_random_uuid(), r.partnership, kind, subject, r.level, r.named, r.keepers, r.reason, r.set_by, since
  FROM sharing_restriction r
  WHERE r.subject_kind = 'person' AND r.subject_id = ANY (persons) AND r.lifted_at IS NULL
    AND r.partnership = concord_said('partnership')
    AND NOT EXISTS (SELECT FROM sharing_restriction o WHERE o.subject_kind = kind AND o.subject_id = subject
      AND o.lifted_at IS NULL AND o.named = r.named AND o.level = r.level);
$$;
CREATE FUNCTION sharing_marked(person uuid) RETURNS boolean
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM sharing_restriction r
    WHERE r.subject_id = person AND r.subject_kind = 'person' AND r.lifted_at IS NULL);
END $$;
-- Teams and forums that hold a record, for whoever restricts it: those who answer for them elsewhere
-- must not lose it. Read by the operation, shown to nobody.
CREATE FUNCTION sharing_holders(kind text, subject uuid) RETURNS SETOF text
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT DISTINCT g.holder FROM sharing_grant g
  WHERE g.subject_kind = kind AND g.subject_id = subject AND g.partnership = concord_said('partnership')
    AND g.level = 'full' AND g.holder NOT LIKE 'user:%' AND (g.ends_at IS NULL OR g.ends_at > concord_at())
$$;
"""
UNDO = """
DROP FUNCTION sharing_holders(text, uuid);
DROP FUNCTION sharing_marked(uuid);
CREATE OR REPLACE FUNCTION sharing_excluded(kind text, subject uuid, who uuid) RETURNS boolean
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM sharing_exclusion x
    WHERE x.subject_kind = kind AND x.subject_id = subject AND x.user_id = who);
END $$;
CREATE OR REPLACE FUNCTION sharing_copy_exclusions(kind text, subject uuid, persons uuid[], since timestamptz) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO sharing_exclusion (id, partnership, subject_kind, subject_id, user_id, declared_by, declared_at)
  SELECT gen_random_uuid(), x.partnership, kind, subject, x.user_id, min(x.declared_by::text)::uuid, since
  FROM sharing_exclusion x
  WHERE x.subject_kind = 'person' AND x.subject_id = ANY (persons) AND x.partnership = concord_said('partnership')
  GROUP BY x.partnership, x.user_id
  ON CONFLICT DO NOTHING
$$;
"""

HERE = "partnership = (SELECT concord_said('partnership'))"
ME = "(SELECT concord_user())"
NAMED = f"{HERE} AND {ME} = ANY (named)"
OPEN = (
    f"{HERE} AND holder = ANY ((SELECT concord_list('holders'))::text[])"
    " AND purpose = ANY ((SELECT concord_list('purposes'))::text[])"
    " AND agreement = ANY ((SELECT concord_list('agreements'))::text[])"
    " AND starts_at <= (SELECT concord_at()) AND ends_at > (SELECT concord_at())"
    f" AND NOT sharing_excluded('person', person_id, {ME}) AND NOT sharing_marked(person_id)"
)
REVIEWS = "'data_protection_officer' = ANY ((SELECT concord_list('roles'))::text[])"

WALLS = {
    "sharing_restriction": security_sql(
        "sharing_restriction",
        read=NAMED,
        insert=f"{HERE} AND set_by = {ME} AND {ME} = ANY (named)",
        update=NAMED,
    ),
    "sharing_pointer": security_sql("sharing_pointer", read=OPEN, insert=f"{HERE} AND {ME} IS NOT NULL"),
    "sharing_emergency": security_sql(
        "sharing_emergency",
        read=f"{HERE} AND (user_id = {ME} OR {REVIEWS})",
        insert=f"{HERE} AND user_id = {ME} AND reviewed_at IS NULL AND person_id IS NULL",
        # Whom it opened is entered by the function that looks, and never by the application.
        update=f"{HERE} AND {REVIEWS} AND user_id <> {ME}",
    ),
}


class Migration(migrations.Migration):
    dependencies = [("sharing", "0003_restrictions_pointers_emergencies")]
    operations = [
        migrations.RunSQL(EXCLUDED, UNDO),
        migrations.RunSQL(run_sql("sharing_marked(uuid)") + run_sql("sharing_holders(text, uuid)"), migrations.RunSQL.noop),
        *(migrations.RunSQL(sql, no_security_sql(table)) for table, sql in WALLS.items()),
        migrations.RunSQL(
            tables_sql("sharing_restriction", "sharing_emergency", verbs="SELECT, INSERT, UPDATE")
            + tables_sql("sharing_pointer", verbs="SELECT, INSERT"),
            revoke_sql(*WALLS),
        ),
    ]
