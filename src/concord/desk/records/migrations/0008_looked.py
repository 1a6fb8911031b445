"""Who looked, for whoever answers for a person's record: lines of somebody who acts for more than the reader does are
there where they were made in a case or contact the reader may open. Others would tell that another forum hears the person.
"""

from importlib import import_module

from django.db import migrations

from concord.desk.accounts.grants import run_sql

BEFORE = import_module("concord.desk.records.migrations.0005_walls")
TEXT = next(each for each in vars(BEFORE).values() if isinstance(each, str) and "CREATE FUNCTION records_looked" in each)
LOOKED = TEXT[TEXT.index("CREATE FUNCTION records_looked") :]
LOOKED = LOOKED[: LOOKED.index("END $$;") + len("END $$;")].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
OVERLAP = "string_to_array(e.purpose, ',') && concord_list('purposes')"
assert OVERLAP in LOOKED, "the function has changed: say again what it asks"
PRECISE = LOOKED.replace(
    OVERLAP,
    f"{OVERLAP}\n      AND (string_to_array(e.purpose, ',') <@ concord_list('purposes')"
    " OR records_made_here(person, e.object_type, e.object_id, e.reason))",
)
HERE = """
CREATE FUNCTION records_made_here(person uuid, kind text, object text, reason text) RETURNS boolean
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE named text := substring(reason FROM '^opened from (?:case|contact) ([A-Z0-9]+)$');
BEGIN
  IF kind IN ('item', 'contact', 'referral', 'assessment') AND object ~ '^[0-9a-f-]{36}$' THEN
    RETURN sharing_reaches(kind, object::uuid) IS NOT NULL;
  END IF;
  RETURN named IS NOT NULL AND (
    EXISTS (SELECT FROM panels_involvement v JOIN panels_item i ON i.id = v.item_id
      WHERE v.person_id = person AND i.reference = named AND sharing_reaches('item', i.id) IS NOT NULL)
    OR EXISTS (SELECT FROM referrals_identified n JOIN referrals_contact c ON c.id = n.contact_id
      JOIN referrals_referral r ON r.id = c.referral_id
      WHERE n.person_id = person AND r.reference = named AND sharing_reaches('contact', c.id) IS NOT NULL));
END $$;
"""
CALLED = "records_made_here(uuid, text, text, text)"


class Migration(migrations.Migration):
    dependencies = [("records", "0007_beside_cases")]
    operations = [
        migrations.RunSQL(HERE, f"DROP FUNCTION {CALLED}"),
        migrations.RunSQL(run_sql(CALLED), migrations.RunSQL.noop),
        migrations.RunSQL(PRECISE, LOOKED),
    ]
