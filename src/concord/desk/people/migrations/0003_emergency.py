"""Looks for one person by their full name and date of birth, for an emergency that was entered a moment ago.

It finds nobody whose record is restricted or sealed, nor anyone the asker is kept out of, and says nothing of why.
"""

from django.db import migrations

from concord.desk.accounts.grants import run_sql

LOOK = """
CREATE FUNCTION people_emergency(entry uuid, given text, families text[], born date) RETURNS uuid
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  asked sharing_emergency;
  found uuid;
BEGIN
  SELECT * INTO asked FROM sharing_emergency g
    WHERE g.id = entry AND g.user_id = concord_user() AND g.opened_at = concord_at() AND g.person_id IS NULL
      AND g.reviewed_at IS NULL AND g.partnership = concord_said('partnership');
  IF asked.id IS NULL THEN RETURN NULL; END IF;
  SELECT p.id INTO found FROM people_person p
    WHERE p.partnership = asked.partnership AND upper(p.family_name) = ANY (families)
      AND upper(p.given_name) = given AND p.born_on = born
      AND NOT sharing_marked(p.id) AND NOT sharing_excluded('person', p.id, asked.user_id)
    ORDER BY p.recorded_at DESC LIMIT 1;
  IF found IS NULL THEN RETURN NULL; END IF;
  UPDATE sharing_emergency SET person_id = found WHERE id = entry;
  INSERT INTO sharing_grant (id, partnership, subject_kind, subject_id, holder, level, purpose, gateway, agreement,
    starts_at, ends_at)
  VALUES (gen_random_uuid(), asked.partnership, 'person', found, 'user:' || asked.user_id, 'full', asked.purpose,
    asked.gateway, asked.agreement, asked.opened_at, asked.ends_at);
  RETURN found;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0002_row_security"), ("sharing", "0004_restrictions")]
    operations = [
        migrations.RunSQL(LOOK, "DROP FUNCTION people_emergency(uuid, text, text[], date)"),
        migrations.RunSQL(run_sql("people_emergency(uuid, text, text[], date)"), migrations.RunSQL.noop),
    ]
