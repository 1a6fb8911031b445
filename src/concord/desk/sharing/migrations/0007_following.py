"""A restriction that follows another: of the same person's further record, of what is about them. It is lifted with the
one it follows."""

from importlib import import_module

from django.db import migrations, models

from concord.desk.accounts.grants import run_sql

BEFORE = import_module("concord.desk.sharing.migrations.0004_restrictions").EXCLUDED
BEFORE = BEFORE[BEFORE.index("CREATE OR REPLACE FUNCTION sharing_copy") : BEFORE.index("CREATE FUNCTION sharing_marked")]
COPY = "sharing_copy_exclusions(text, uuid, uuid[], timestamptz)"
FOLLOW = "sharing_follow(text, uuid, uuid[], timestamptz, uuid[])"

# `others` answer for the record where it is held: they lose nothing.
FOLLOWING = """
CREATE FUNCTION sharing_follow(kind text, subject uuid, persons uuid[], since timestamptz, others uuid[]) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO sharing_exclusion (id, partnership, subject_kind, subject_id, user_id, declared_by, declared_at)
  SELECT gen_random_uuid(), x.partnership, kind, subject, x.user_id, min(x.declared_by::text)::uuid, since
  FROM sharing_exclusion x
  WHERE x.subject_kind = 'person' AND x.subject_id = ANY (persons) AND x.partnership = concord_said('partnership')
  GROUP BY x.partnership, x.user_id
  ON CONFLICT DO NOTHING;
  INSERT INTO sharing_restriction (id, partnership, subject_kind, subject_id, level, named, keepers, reason, set_by, set_at,
    follows)
  SELECT gen_random_uuid(), r.partnership, kind, subject, r.level, r.named,
    ARRAY (SELECT DISTINCT unnest(r.keepers || others)), r.reason, r.set_by, since, r.id
  FROM sharing_restriction r
  WHERE r.subject_kind = 'person' AND r.subject_id = ANY (persons) AND r.lifted_at IS NULL
    AND r.partnership = concord_said('partnership')
    AND NOT EXISTS (SELECT FROM sharing_restriction o WHERE o.subject_kind = kind AND o.subject_id = subject
      AND o.lifted_at IS NULL AND o.named = r.named AND o.level = r.level);
$$;
CREATE FUNCTION sharing_lift_following() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE sharing_restriction SET lifted_at = NEW.lifted_at, lifted_by = NEW.lifted_by
  WHERE follows = NEW.id AND lifted_at IS NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER sharing_lifted AFTER UPDATE ON sharing_restriction FOR EACH ROW
  WHEN (OLD.lifted_at IS NULL AND NEW.lifted_at IS NOT NULL) EXECUTE FUNCTION sharing_lift_following();
"""
ALONE = f"""
DROP TRIGGER sharing_lifted ON sharing_restriction; DROP FUNCTION sharing_lift_following(); DROP FUNCTION {FOLLOW};
"""


class Migration(migrations.Migration):
    dependencies = [("sharing", "0006_reach")]
    operations = [
        migrations.AddField(model_name="restriction", name="follows", field=models.UUIDField(blank=True, null=True)),
        migrations.AddIndex(
            model_name="restriction",
            index=models.Index(
                condition=models.Q(lifted_at__isnull=True, follows__isnull=False),
                fields=["follows"],
                name="restriction_follows",
            ),
        ),
        migrations.RunSQL(FOLLOWING, ALONE),
        migrations.RunSQL(run_sql(FOLLOW), migrations.RunSQL.noop),
        migrations.RunSQL(f"DROP FUNCTION {COPY}", BEFORE + run_sql(COPY)),
    ]
