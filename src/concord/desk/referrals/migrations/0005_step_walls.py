"""Steps, subjects, plans and sessions behind walls; and the end of a share whose state is over.

A subject is there for whoever may open a contact about it; a session for its worker and their team. A form begun
without an account is reached by the form's own service alone, and is sealed besides.
"""

from django.db import migrations

from concord.desk.accounts.grants import no_security_sql, revoke_sql, run_sql, security_sql, tables_sql
from concord.desk.sharing.walls import HERE, with_parent

HANDLED = with_parent("referrals_contact", "contact_id")
ABOUT = "EXISTS (SELECT 1 FROM referrals_about a WHERE a.subject_id = referrals_subject.id)"
PLANNED = with_parent("referrals_subject", "subject_id")
FORM = "'public_form' = ANY ((SELECT concord_list('roles'))::text[])"
MINE = f"{HERE} AND worker_id = (SELECT concord_user())"
TEAMS = f"{HERE} AND (worker_id = (SELECT concord_user()) OR team = ANY ((SELECT concord_list('holders'))::text[]))"

WALLS = {
    "referrals_step": security_sql("referrals_step", read=HANDLED, insert=HANDLED),
    "referrals_about": security_sql("referrals_about", read=HANDLED, insert=HANDLED),
    "referrals_subject": security_sql("referrals_subject", read=f"{HERE} AND {ABOUT}", insert=HERE),
    "referrals_plan": security_sql("referrals_plan", read=PLANNED, insert=PLANNED, update=PLANNED),
    "referrals_session": security_sql("referrals_session", read=TEAMS, insert=MINE, update=MINE),
    "referrals_kept": security_sql("referrals_kept", read=FORM, insert=FORM, update=FORM, delete=FORM),
}

# Only whoever can open the contact themselves ends what others were given of it, and never the receiving team's share.
END = """
CREATE FUNCTION referrals_end_shares(contact uuid, holders text[], ended timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM sharing_grant g WHERE g.subject_kind = 'contact' AND g.subject_id = contact
      AND g.holder = ANY (concord_list('holders')) AND g.partnership = concord_said('partnership')
      AND g.starts_at <= ended AND (g.ends_at IS NULL OR g.ends_at > ended)
      AND NOT sharing_excluded('contact', contact, concord_user())) THEN
    RETURN;
  END IF;
  UPDATE sharing_grant g SET ends_at = GREATEST(ended, g.starts_at + interval '1 microsecond')
  WHERE g.holder = ANY (holders) AND (g.ends_at IS NULL OR g.ends_at > ended)
    AND (g.subject_kind, g.subject_id) IN (
      SELECT 'contact', c.id FROM referrals_contact c WHERE c.id = contact
      UNION SELECT 'referral', c.referral_id FROM referrals_contact c WHERE c.id = contact);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0004_steps_subjects_sessions"), ("sharing", "0004_restrictions")]
    operations = [
        *(migrations.RunSQL(sql, no_security_sql(table)) for table, sql in WALLS.items()),
        migrations.RunSQL(END, "DROP FUNCTION referrals_end_shares(uuid, text[], timestamptz)"),
        migrations.RunSQL(run_sql("referrals_end_shares(uuid, text[], timestamptz)"), migrations.RunSQL.noop),
        migrations.RunSQL(
            tables_sql("referrals_step", "referrals_about", "referrals_subject", verbs="SELECT, INSERT"),
            revoke_sql("referrals_step", "referrals_about", "referrals_subject"),
        ),
        migrations.RunSQL(
            tables_sql("referrals_plan", "referrals_session", verbs="SELECT, INSERT, UPDATE"),
            revoke_sql("referrals_plan", "referrals_session"),
        ),
        migrations.RunSQL(tables_sql("referrals_kept"), revoke_sql("referrals_kept")),
    ]
