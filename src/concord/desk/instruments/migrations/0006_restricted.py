"""A person kept to named people is kept so in every assessment of them; whoever wrote one keeps their own. An assessment
begun from a referral, before anybody said who that is about, follows the referral."""

from django.db import migrations

CASCADE = """
CREATE FUNCTION instruments_restrict() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO sharing_restriction (id, partnership, subject_kind, subject_id, level, named, keepers, reason, set_by, set_at,
    follows)
  SELECT gen_random_uuid(), NEW.partnership, 'assessment', a.id, NEW.level, NEW.named, NEW.keepers || a.author_id, NEW.reason,
    NEW.set_by, NEW.set_at, NEW.id
  FROM instruments_assessment a WHERE a.person_id = NEW.subject_id;
  RETURN NULL;
END $$;
CREATE FUNCTION instruments_restrict_sent() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO sharing_restriction (id, partnership, subject_kind, subject_id, level, named, keepers, reason, set_by, set_at,
    follows)
  SELECT gen_random_uuid(), NEW.partnership, 'assessment', a.id, NEW.level, NEW.named, NEW.keepers || a.author_id, NEW.reason,
    NEW.set_by, NEW.set_at, NEW.id
  FROM instruments_assessment a WHERE a.referral_id = NEW.subject_id AND a.person_id IS NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER instruments_restricted_sent AFTER INSERT ON sharing_restriction FOR EACH ROW
  WHEN (NEW.subject_kind = 'referral' AND NEW.lifted_at IS NULL) EXECUTE FUNCTION instruments_restrict_sent();
CREATE FUNCTION instruments_keep_out_sent() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO sharing_exclusion (id, partnership, subject_kind, subject_id, user_id, declared_by, declared_at)
  SELECT gen_random_uuid(), NEW.partnership, 'assessment', a.id, NEW.user_id, NEW.declared_by, NEW.declared_at
  FROM instruments_assessment a WHERE a.referral_id = NEW.subject_id AND a.person_id IS NULL
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER instruments_kept_out_sent AFTER INSERT ON sharing_exclusion FOR EACH ROW
  WHEN (NEW.subject_kind = 'referral') EXECUTE FUNCTION instruments_keep_out_sent();
CREATE TRIGGER instruments_restricted AFTER INSERT ON sharing_restriction FOR EACH ROW
  WHEN (NEW.subject_kind = 'person' AND NEW.lifted_at IS NULL) EXECUTE FUNCTION instruments_restrict();
"""
UNDO = """
DROP TRIGGER instruments_restricted ON sharing_restriction; DROP FUNCTION instruments_restrict();
DROP TRIGGER instruments_restricted_sent ON sharing_restriction; DROP FUNCTION instruments_restrict_sent();
DROP TRIGGER instruments_kept_out_sent ON sharing_exclusion; DROP FUNCTION instruments_keep_out_sent();
"""


class Migration(migrations.Migration):
    dependencies = [("instruments", "0005_walls"), ("sharing", "0007_following")]
    operations = [migrations.RunSQL(CASCADE, UNDO)]
