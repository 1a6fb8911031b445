"""A person kept to named people is kept so in every contact about them, earlier ones too; and whoever must not meet a
person meets neither what was sent about them nor the contact, from the moment somebody says who it is about.

The referrer keeps reading what they themselves sent.
"""

from django.db import migrations

CASCADE = """
CREATE FUNCTION referrals_restrict() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO sharing_restriction (id, partnership, subject_kind, subject_id, level, named, keepers, reason, set_by, set_at,
    follows)
  SELECT gen_random_uuid(), NEW.partnership, about.kind, about.subject, NEW.level, NEW.named,
    array_remove(NEW.keepers || about.sent_by, NULL), NEW.reason, NEW.set_by, NEW.set_at, NEW.id
  FROM (
    SELECT DISTINCT 'contact' AS kind, i.contact_id AS subject, NULL::uuid AS sent_by FROM referrals_identified i
      WHERE i.person_id = NEW.subject_id
    UNION SELECT DISTINCT 'referral', r.id, r.referrer_id FROM referrals_identified i
      JOIN referrals_contact c ON c.id = i.contact_id JOIN referrals_referral r ON r.id = c.referral_id
      WHERE i.person_id = NEW.subject_id
  ) about;
  RETURN NULL;
END $$;
CREATE TRIGGER referrals_restricted AFTER INSERT ON sharing_restriction FOR EACH ROW
  WHEN (NEW.subject_kind = 'person' AND NEW.lifted_at IS NULL) EXECUTE FUNCTION referrals_restrict();

CREATE FUNCTION referrals_identified_follow() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE sent record;
BEGIN
  -- Hardly anybody is kept from somebody: the rest costs nothing more.
  IF NOT EXISTS (SELECT FROM sharing_exclusion x WHERE x.subject_kind = 'person' AND x.subject_id = NEW.person_id)
    AND NOT EXISTS (SELECT FROM sharing_restriction r WHERE r.subject_kind = 'person' AND r.subject_id = NEW.person_id
      AND r.lifted_at IS NULL) THEN RETURN NULL; END IF;
  SELECT r.id, r.referrer_id INTO sent FROM referrals_contact c JOIN referrals_referral r ON r.id = c.referral_id
    WHERE c.id = NEW.contact_id;
  INSERT INTO sharing_exclusion (id, partnership, subject_kind, subject_id, user_id, declared_by, declared_at)
  SELECT gen_random_uuid(), x.partnership, 'referral', sent.id, x.user_id, x.declared_by, concord_at()
  FROM sharing_exclusion x
  WHERE x.subject_kind = 'person' AND x.subject_id = NEW.person_id AND x.user_id IS DISTINCT FROM sent.referrer_id
  ON CONFLICT DO NOTHING;
  INSERT INTO sharing_restriction (id, partnership, subject_kind, subject_id, level, named, keepers, reason, set_by, set_at,
    follows)
  SELECT gen_random_uuid(), r.partnership, 'referral', sent.id, r.level, r.named,
    array_remove(r.keepers || sent.referrer_id, NULL), r.reason, r.set_by, concord_at(), r.id
  FROM sharing_restriction r
  WHERE r.subject_kind = 'person' AND r.subject_id = NEW.person_id AND r.lifted_at IS NULL
    AND NOT EXISTS (SELECT FROM sharing_restriction o WHERE o.follows = r.id AND o.subject_id = sent.id
      AND o.lifted_at IS NULL);
  RETURN NULL;
END $$;
CREATE TRIGGER referrals_identified_followed AFTER INSERT OR UPDATE OF person_id ON referrals_identified
  FOR EACH ROW EXECUTE FUNCTION referrals_identified_follow();
"""
UNDO = """
DROP TRIGGER referrals_restricted ON sharing_restriction; DROP FUNCTION referrals_restrict();
DROP TRIGGER referrals_identified_followed ON referrals_identified; DROP FUNCTION referrals_identified_follow();
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0012_queue"), ("sharing", "0007_following")]
    operations = [migrations.RunSQL(CASCADE, UNDO)]
