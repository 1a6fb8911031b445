"""How somebody signs in is changed on record: a link by which they set a password, a second factor, the tie to a single
sign-on. Whoever keeps accounts could sign in as somebody else by these, so the trail has each, and shows who did two of
them to one account."""

from importlib import import_module

from django.db import migrations

from concord.desk.accounts.grants import run_sql

# A line without a secret: which account, and what kind of factor. Somebody's own act is theirs.
RECORDED = """
CREATE FUNCTION audit_signing_in() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  row_now jsonb := CASE WHEN TG_OP = 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END;
  whose accounts_user;
BEGIN
  SELECT * INTO whose FROM accounts_user u WHERE u.id = (row_now ->> 'user_id')::uuid;
  IF whose.id IS NULL THEN RETURN NULL; END IF;
  INSERT INTO audit_auditevent (id, partnership, at, actor, username, actor_agency, roles, operation, action,
    object_type, object_id, subjects, purpose, reason, gateway, agreement, outcome, request_id, detail)
  VALUES (gen_random_uuid(), whose.partnership, concord_at(), coalesce(concord_user(), whose.id),
    coalesce(nullif(concord_said('username'), ''), whose.username),
    coalesce(nullif(concord_said('agency'), ''), whose.agency), concord_said('roles'),
    CASE TG_OP WHEN 'INSERT' THEN 'collection' ELSE 'erasure' END,
    TG_ARGV[0] || CASE TG_OP WHEN 'INSERT' THEN '.made' ELSE '.gone' END,
    'account', whose.id::text, '{}', 'administration', '', '', '', 'done', '',
    CASE WHEN row_now ->> 'type' IS NULL THEN '{}'::jsonb ELSE jsonb_build_object('type', row_now ->> 'type') END);
  RETURN NULL;
END $$;
CREATE TRIGGER link_recorded AFTER INSERT ON accounts_invitation
  FOR EACH ROW EXECUTE FUNCTION audit_signing_in('account.link');
CREATE TRIGGER factor_recorded AFTER INSERT OR DELETE ON mfa_authenticator
  FOR EACH ROW EXECUTE FUNCTION audit_signing_in('account.factor');
CREATE TRIGGER tie_recorded AFTER INSERT OR DELETE ON socialaccount_socialaccount
  FOR EACH ROW EXECUTE FUNCTION audit_signing_in('account.tie');
"""
UNRECORDED = """
DROP TRIGGER link_recorded ON accounts_invitation; DROP TRIGGER factor_recorded ON mfa_authenticator;
DROP TRIGGER tie_recorded ON socialaccount_socialaccount; DROP FUNCTION audit_signing_in();
"""

READS = import_module("concord.desk.audit.migrations.0004_reading").READS
SIGNS = READS[READS.index("CREATE FUNCTION audit_signs") : READS.index("CREATE FUNCTION audit_hash_at")]
SIGNS = SIGNS.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
WITH_RESET = SIGNS.replace("IN ('same_person', 'emergency')", "IN ('same_person', 'emergency', 'reset')").replace(
    "      ELSE false END\n",
    "      WHEN 'reset' THEN e.action IN ('account.link.made', 'account.factor.gone', 'account.tie.gone')\n"
    "        AND e.actor::text <> e.object_id\n"
    "      ELSE false END\n",
)
CALLED = "audit_signs(text, timestamptz, integer, integer, integer, integer)"


class Migration(migrations.Migration):
    dependencies = [("audit", "0006_last_change"), ("accounts", "0007_grants")]
    operations = [
        migrations.RunSQL(RECORDED, UNRECORDED),
        migrations.RunSQL(WITH_RESET, SIGNS),
        migrations.RunSQL(run_sql(CALLED), migrations.RunSQL.noop),
    ]
