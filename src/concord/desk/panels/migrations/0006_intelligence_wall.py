"""Intelligence is there only for those whose roles and whose kind of body see that class of field. A declared conflict
reaches every case about the person."""

from django.db import migrations

from concord.desk.accounts.grants import no_security_sql, revoke_sql, security_sql, tables_sql
from concord.desk.sharing.walls import with_parent

MINE = "agency = (SELECT concord_said('agency'))"
RUNS = (
    "ARRAY['forum:' || forum || ':coordinator', 'forum:' || forum || ':chair']"
    " && (SELECT concord_list('holders'))::text[]"
)
SEES = "'intelligence' = ANY ((SELECT concord_list('fields'))::text[])"
OF_ITEM = with_parent("panels_item", "item_id")
READ = f"{OF_ITEM} AND {SEES} AND ({MINE} OR {RUNS} OR shown_from <= (SELECT concord_at()))"
WRITE = f"{OF_ITEM} AND {SEES} AND {MINE}"

# Whoever is kept out of a person is kept out of every case about them, in every forum.
CASCADE = """
CREATE FUNCTION panels_keep_out() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO sharing_exclusion (id, partnership, subject_kind, subject_id, user_id, declared_by, declared_at)
  SELECT DISTINCT ON (v.item_id)
    gen_random_uuid(), NEW.partnership, 'item', v.item_id, NEW.user_id, NEW.declared_by, NEW.declared_at
  FROM panels_involvement v WHERE v.person_id = NEW.subject_id
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER panels_kept_out AFTER INSERT ON sharing_exclusion FOR EACH ROW
  WHEN (NEW.subject_kind = 'person') EXECUTE FUNCTION panels_keep_out();
"""
UNDO = "DROP TRIGGER panels_kept_out ON sharing_exclusion; DROP FUNCTION panels_keep_out();"


class Migration(migrations.Migration):
    dependencies = [("panels", "0005_intelligence"), ("referrals", "0003_kept_out")]
    operations = [
        migrations.RunSQL(CASCADE, UNDO),
        migrations.RunSQL(
            security_sql("panels_intelligence", read=READ, insert=WRITE, update=WRITE),
            no_security_sql("panels_intelligence"),
        ),
        migrations.RunSQL(
            tables_sql("panels_intelligence", verbs="SELECT, INSERT, UPDATE"), revoke_sql("panels_intelligence")
        ),
    ]
