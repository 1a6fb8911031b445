"""The trail is append-only, hash-chained, and read only by those whose role reads it."""

from django.db import migrations

from concord.desk.accounts.grants import no_security_sql, revoke_sql, run_sql, security_sql, tables_sql

REFUSE = """
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit trail is append-only: % is refused', TG_OP;
END $$;
CREATE TRIGGER audit_event_kept BEFORE UPDATE OR DELETE ON audit_auditevent
  FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_event_not_emptied BEFORE TRUNCATE ON audit_auditevent EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_link_kept BEFORE UPDATE OR DELETE ON audit_auditlink
  FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_link_not_emptied BEFORE TRUNCATE ON audit_auditlink EXECUTE FUNCTION audit_refuse();
"""
UNDO_REFUSE = """
DROP TRIGGER audit_event_kept ON audit_auditevent; DROP TRIGGER audit_event_not_emptied ON audit_auditevent;
DROP TRIGGER audit_link_kept ON audit_auditlink; DROP TRIGGER audit_link_not_emptied ON audit_auditlink;
DROP FUNCTION audit_refuse();
"""

CHAIN = """
-- Every field with its length before it, so that no two events read the same.
CREATE FUNCTION audit_field(value text) RETURNS text LANGUAGE sql IMMUTABLE AS
  $$ SELECT CASE WHEN value IS NULL THEN '-' ELSE length(value) || ':' || value END $$;
CREATE FUNCTION audit_canonical(e audit_auditevent) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT string_agg(audit_field(part), ',' ORDER BY place) FROM unnest(ARRAY[
    e.id::text, e.partnership, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), e.actor::text,
    e.username, e.actor_agency, e.roles, e.operation, e.action, e.object_type, e.object_id,
    array_to_string(e.subjects, ' '), e.purpose, e.reason, e.gateway, e.agreement, e.outcome, e.request_id,
    e.detail::text
  ]) WITH ORDINALITY AS parts(part, place)
$$;
-- Runs when the transaction commits, so that the lock on the chain's end is held for that moment only.
CREATE FUNCTION audit_append() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  newest record;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('concord.audit.chain'));
  SELECT l.position, l.hash INTO newest FROM audit_auditlink l ORDER BY l.position DESC LIMIT 1;
  INSERT INTO audit_auditlink (position, event_id, previous, hash) VALUES (
    coalesce(newest.position, 0) + 1, NEW.id, coalesce(newest.hash, ''::bytea),
    sha256(coalesce(newest.hash, ''::bytea) || convert_to(audit_canonical(NEW), 'UTF8')));
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER audit_chain AFTER INSERT ON audit_auditevent
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_append();
CREATE FUNCTION audit_first_broken() RETURNS TABLE (at_position bigint, event uuid, why text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH walked AS (
    SELECT l.position, l.event_id, l.previous, l.hash, e AS event, e.id AS found,
      coalesce(lag(l.hash) OVER (ORDER BY l.position), ''::bytea) AS before,
      row_number() OVER (ORDER BY l.position) AS counted
    FROM audit_auditlink l LEFT JOIN audit_auditevent e ON e.id = l.event_id
  ), judged AS (
    SELECT position, event_id, CASE
      WHEN position <> counted THEN 'a link before it is missing'
      WHEN found IS NULL THEN 'its event is gone'
      WHEN previous <> before THEN 'it does not follow the link before it'
      WHEN hash <> sha256(previous || convert_to(audit_canonical(event), 'UTF8')) THEN 'its event was altered'
      END AS why
    FROM walked
  ), unlinked AS (
    SELECT (SELECT coalesce(max(position), 0) + 1 FROM audit_auditlink), e.id, 'it is in the trail but not in the chain'
    FROM audit_auditevent e LEFT JOIN audit_auditlink l ON l.event_id = e.id WHERE l.event_id IS NULL
  )
  (SELECT position, event_id, why FROM judged WHERE why IS NOT NULL ORDER BY position LIMIT 1)
  UNION ALL (SELECT * FROM unlinked LIMIT 1)
  LIMIT 1
$$;
CREATE FUNCTION audit_head() RETURNS TABLE (at_position bigint, newest bytea)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
  $$ SELECT l.position, l.hash FROM audit_auditlink l ORDER BY l.position DESC LIMIT 1 $$;
"""
UNDO_CHAIN = """
DROP TRIGGER audit_chain ON audit_auditevent; DROP FUNCTION audit_append(); DROP FUNCTION audit_first_broken();
DROP FUNCTION audit_head(); DROP FUNCTION audit_canonical(audit_auditevent); DROP FUNCTION audit_field(text);
"""

# Accounts stand below this room, so the database writes their lines: nobody can forget to.
ACCOUNTS = """
CREATE FUNCTION audit_account() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  row_now jsonb := CASE WHEN TG_OP = 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END;
  about uuid := coalesce((row_now ->> 'user_id')::uuid, (row_now ->> 'id')::uuid);
BEGIN
  INSERT INTO audit_auditevent (id, partnership, at, actor, username, actor_agency, roles, operation, action,
    object_type, object_id, subjects, purpose, reason, gateway, agreement, outcome, request_id, detail)
  VALUES (gen_random_uuid(), concord_said('partnership'), concord_at(),
    coalesce(concord_user(), '00000000-0000-0000-0000-000000000000'), concord_said('username'),
    concord_said('agency'), concord_said('roles'),
    CASE TG_OP WHEN 'INSERT' THEN 'collection' WHEN 'DELETE' THEN 'erasure' ELSE 'alteration' END,
    TG_TABLE_NAME || '.' || lower(TG_OP), 'account', about::text, '{}', 'administration', '', '', '', 'done', '',
    jsonb_build_object('now', row_now - 'password' - 'last_login')
    || CASE WHEN TG_OP = 'UPDATE' THEN jsonb_build_object('before', to_jsonb(OLD) - 'password' - 'last_login')
       ELSE '{}'::jsonb END);
  RETURN NULL;
END $$;
CREATE TRIGGER account_recorded AFTER INSERT OR DELETE OR UPDATE OF roles, active, agency, display_name, username, password
  ON accounts_user FOR EACH ROW EXECUTE FUNCTION audit_account();
CREATE TRIGGER membership_recorded AFTER INSERT OR DELETE OR UPDATE
  ON accounts_membership FOR EACH ROW EXECUTE FUNCTION audit_account();
"""
UNDO_ACCOUNTS = """
DROP TRIGGER account_recorded ON accounts_user; DROP TRIGGER membership_recorded ON accounts_membership;
DROP FUNCTION audit_account();
"""

EVENT = security_sql(
    "audit_auditevent",
    read="partnership = (SELECT concord_said('partnership'))"
    " AND ('data_protection_officer' = ANY ((SELECT concord_list('roles'))::text[]) OR actor = (SELECT concord_user()))",
    insert="partnership = (SELECT concord_said('partnership')) AND actor = (SELECT concord_user())",
)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("accounts", "0002_grants")]
    operations = [
        migrations.RunSQL(REFUSE, UNDO_REFUSE),
        migrations.RunSQL(CHAIN, UNDO_CHAIN),
        migrations.RunSQL(ACCOUNTS, UNDO_ACCOUNTS),
        migrations.RunSQL(EVENT, no_security_sql("audit_auditevent")),
        migrations.RunSQL(
            tables_sql("audit_auditevent", verbs="SELECT, INSERT")
            + run_sql("audit_first_broken()")
            + run_sql("audit_head()"),
            revoke_sql("audit_auditevent"),
        ),
    ]
