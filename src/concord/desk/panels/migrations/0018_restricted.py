"""A person kept to named people is kept so in every case about them, in every forum."""

from django.db import migrations

CASCADE = """
CREATE FUNCTION panels_restrict() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO sharing_restriction (id, partnership, subject_kind, subject_id, level, named, keepers, reason, set_by, set_at,
    follows)
  SELECT gen_random_uuid(), NEW.partnership, 'item', about.item_id, NEW.level, NEW.named, NEW.keepers, NEW.reason,
    NEW.set_by, NEW.set_at, NEW.id
  FROM (SELECT DISTINCT v.item_id FROM panels_involvement v WHERE v.person_id = NEW.subject_id) about;
  RETURN NULL;
END $$;
CREATE TRIGGER panels_restricted AFTER INSERT ON sharing_restriction FOR EACH ROW
  WHEN (NEW.subject_kind = 'person' AND NEW.lifted_at IS NULL) EXECUTE FUNCTION panels_restrict();
"""
UNDO = "DROP TRIGGER panels_restricted ON sharing_restriction; DROP FUNCTION panels_restrict();"


class Migration(migrations.Migration):
    dependencies = [("panels", "0017_moved"), ("sharing", "0007_following")]
    operations = [migrations.RunSQL(CASCADE, UNDO)]
