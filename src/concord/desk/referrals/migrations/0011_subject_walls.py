"""Where a subject is, links that end, and what is to be done for a plan: each behind the wall of its parent."""

from django.db import migrations

from concord.desk.accounts.grants import no_security_sql, revoke_sql, security_sql, tables_sql
from concord.desk.sharing.walls import HERE, with_parent

HANDLED = with_parent("referrals_contact", "contact_id")
ABOUT = "EXISTS (SELECT 1 FROM referrals_about a WHERE a.subject_id = referrals_subject.id)"
PLANNED = with_parent("referrals_plan", "plan_id")
UPDATES = {"referrals_about": HANDLED, "referrals_subject": f"{HERE} AND {ABOUT}"}


class Migration(migrations.Migration):
    dependencies = [("referrals", "0010_subjects")]
    operations = [
        *(
            migrations.RunSQL(
                f"CREATE POLICY {table}_update ON {table} FOR UPDATE USING ({who}) WITH CHECK ({who})",
                f"DROP POLICY {table}_update ON {table}",
            )
            for table, who in UPDATES.items()
        ),
        migrations.RunSQL(
            security_sql("referrals_planstep", read=PLANNED, insert=PLANNED, update=PLANNED),
            no_security_sql("referrals_planstep"),
        ),
        migrations.RunSQL(
            tables_sql(*UPDATES, verbs="UPDATE") + tables_sql("referrals_planstep", verbs="SELECT, INSERT, UPDATE"),
            revoke_sql("referrals_planstep"),
        ),
    ]
