"""Shares decide which rows exist for whom. An exclusion is read by one function only, never by the application."""

from django.db import migrations

from concord.desk.accounts.grants import no_security_sql, revoke_sql, run_sql, security_sql, tables_sql

EXCLUDED = """
CREATE FUNCTION sharing_excluded(kind text, subject uuid, who uuid) RETURNS boolean
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM sharing_exclusion x
    WHERE x.subject_kind = kind AND x.subject_id = subject AND x.user_id = who);
END $$;
CREATE FUNCTION sharing_copy_exclusions(kind text, subject uuid, persons uuid[], since timestamptz) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO sharing_exclusion (id, partnership, subject_kind, subject_id, user_id, declared_by, declared_at)
  SELECT gen_random_uuid(), x.partnership, kind, subject, x.user_id, min(x.declared_by::text)::uuid, since
  FROM sharing_exclusion x
  WHERE x.subject_kind = 'person' AND x.subject_id = ANY (persons) AND x.partnership = concord_said('partnership')
  GROUP BY x.partnership, x.user_id
  ON CONFLICT DO NOTHING
$$;
"""
UNDO = """
DROP FUNCTION sharing_excluded(text, uuid, uuid);
DROP FUNCTION sharing_copy_exclusions(text, uuid, uuid[], timestamptz);
"""

HERE = "partnership = (SELECT concord_said('partnership'))"
GRANT = security_sql(
    "sharing_grant",
    read=f"{HERE} AND holder = ANY ((SELECT concord_list('holders'))::text[])"
    " AND purpose = ANY ((SELECT concord_list('purposes'))::text[])"
    " AND agreement = ANY ((SELECT concord_list('agreements'))::text[])"
    " AND starts_at <= (SELECT concord_at()) AND (ends_at IS NULL OR ends_at > (SELECT concord_at()))"
    " AND NOT sharing_excluded(subject_kind, subject_id, (SELECT concord_user()))",
    # A share is made, and ends by its date: no verb changes one.
    insert=f"{HERE} AND (SELECT concord_user()) IS NOT NULL",
)
EXCLUSION = security_sql(
    "sharing_exclusion", read="false", insert=f"{HERE} AND declared_by = (SELECT concord_user())"
)


class Migration(migrations.Migration):
    dependencies = [("sharing", "0001_initial"), ("accounts", "0002_grants")]
    operations = [
        migrations.RunSQL(EXCLUDED, UNDO),
        migrations.RunSQL(
            run_sql("sharing_excluded(text, uuid, uuid)")
            + run_sql("sharing_copy_exclusions(text, uuid, uuid[], timestamptz)"),
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(GRANT, no_security_sql("sharing_grant")),
        migrations.RunSQL(EXCLUSION, no_security_sql("sharing_exclusion")),
        migrations.RunSQL(
            tables_sql("sharing_grant", "sharing_exclusion", verbs="SELECT, INSERT"),
            revoke_sql("sharing_grant", "sharing_exclusion"),
        ),
    ]
