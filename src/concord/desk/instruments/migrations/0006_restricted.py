"""A person kept to named people is kept so in every assessment of them; whoever wrote one keeps their own."""

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
CREATE TRIGGER instruments_restricted AFTER INSERT ON sharing_restriction FOR EACH ROW
  WHEN (NEW.subject_kind = 'person' AND NEW.lifted_at IS NULL) EXECUTE FUNCTION instruments_restrict();
"""
UNDO = "DROP TRIGGER instruments_restricted ON sharing_restriction; DROP FUNCTION instruments_restrict();"


class Migration(migrations.Migration):
    dependencies = [("instruments", "0005_walls"), ("sharing", "0007_following")]
    operations = [migrations.RunSQL(CASCADE, UNDO)]
