"""What was sent is there for its referrer and the receiving team; what was made of it, for the team alone.

The extract reads a view of dates and codes that holds no name and no text, and only the extract's service sees it.
"""

from django.db import migrations

from concord.desk.accounts.grants import no_security_sql, revoke_sql, security_sql, tables_sql
from concord.desk.sharing.walls import HERE, shared, with_parent

REFERRAL = shared("referral", "referrals_referral.id")
CONTACT = shared("contact", "referrals_contact.id")
SENT = with_parent("referrals_referral", "referral_id")
HANDLED = with_parent("referrals_contact", "contact_id")

WALLS = {
    "referrals_referral": security_sql("referrals_referral", read=REFERRAL, insert=HERE, update=REFERRAL),
    "referrals_contact": security_sql("referrals_contact", read=CONTACT, insert=HERE, update=CONTACT),
    "referrals_party": security_sql("referrals_party", read=SENT, insert=SENT),
    "referrals_check": security_sql("referrals_check", read=HANDLED, insert=HANDLED, update=HANDLED),
    "referrals_identified": security_sql("referrals_identified", read=HANDLED, insert=HANDLED, update=HANDLED),
}

EXTRACT = """
CREATE VIEW referrals_extract_contacts AS
  SELECT c.id, c.received_at, c.decided_at, c.due_at, c.rag, c.route, r.referrer_kind,
    (SELECT p.born_on FROM referrals_party p WHERE p.referral_id = r.id AND p.role = 'child'
     ORDER BY p.position LIMIT 1) AS born_on
  FROM referrals_contact c JOIN referrals_referral r ON r.id = c.referral_id
  WHERE c.pathway = 'mash_contact' AND c.partnership = concord_said('partnership')
    AND 'desk_extract' = ANY (concord_list('roles'));
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0001_initial"), ("people", "0002_row_security")]
    operations = [
        *(migrations.RunSQL(sql, no_security_sql(table)) for table, sql in WALLS.items()),
        migrations.RunSQL(EXTRACT, "DROP VIEW referrals_extract_contacts"),
        migrations.RunSQL(tables_sql(*WALLS, verbs="SELECT, INSERT, UPDATE"), revoke_sql(*WALLS)),
        migrations.RunSQL(
            tables_sql("referrals_extract_contacts", verbs="SELECT"), revoke_sql("referrals_extract_contacts")
        ),
    ]
