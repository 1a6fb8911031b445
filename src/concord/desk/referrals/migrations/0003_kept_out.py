"""Whoever is kept out of a person is kept out of every contact about them, earlier ones too.

The referrer keeps reading what they themselves sent.
"""

from django.db import migrations

CASCADE = """
CREATE FUNCTION referrals_keep_out() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO sharing_exclusion (id, partnership, subject_kind, subject_id, user_id, declared_by, declared_at)
  SELECT gen_random_uuid(), NEW.partnership, about.kind, about.subject, NEW.user_id, NEW.declared_by, NEW.declared_at
  FROM (
    SELECT DISTINCT 'contact' AS kind, i.contact_id AS subject FROM referrals_identified i
      WHERE i.person_id = NEW.subject_id
    UNION SELECT DISTINCT 'referral', c.referral_id FROM referrals_identified i
      JOIN referrals_contact c ON c.id = i.contact_id JOIN referrals_referral r ON r.id = c.referral_id
      WHERE i.person_id = NEW.subject_id AND r.referrer_id <> NEW.user_id
  ) about
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER referrals_kept_out AFTER INSERT ON sharing_exclusion FOR EACH ROW
  WHEN (NEW.subject_kind = 'person') EXECUTE FUNCTION referrals_keep_out();
"""
UNDO = "DROP TRIGGER referrals_kept_out ON sharing_exclusion; DROP FUNCTION referrals_keep_out();"


class Migration(migrations.Migration):
    dependencies = [("referrals", "0002_row_security"), ("sharing", "0004_restrictions")]
    operations = [migrations.RunSQL(CASCADE, UNDO)]
