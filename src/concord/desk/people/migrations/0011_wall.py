"""A person's wall as one call; and candidates put in order before it is asked, likest first, whether each is open to the
asker: a hundred answers then suffice where a common name asked a thousand."""

from importlib import import_module

from django.db import migrations

from concord.desk.sharing.walls import alter_sql, reached, shared

KEY = "people_person.id"
LOOK = import_module("concord.desk.people.migrations.0008_register_walls").LOOK
AS_BEFORE = LOOK[LOOK.index("CREATE FUNCTION people_candidates") :].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
EACH_ASKED = AS_BEFORE[AS_BEFORE.index("  RETURN QUERY") :]
IN_ORDER = """  RETURN QUERY SELECT likest.id FROM (
    SELECT k.id FROM (SELECT DISTINCT unnest(found) AS id) each JOIN people_person k USING (id)
    WHERE k.partnership = concord_said('partnership')
    ORDER BY (k.born_on IS NOT DISTINCT FROM born)::int
      + similarity(people_plain(k.family_name), family_plain) + similarity(people_plain(k.given_name), given_plain)
      DESC, k.id OFFSET 0) likest
    WHERE people_open_to_asker(likest.id) LIMIT most;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0010_pair_walls"), ("sharing", "0006_reach")]
    operations = [
        migrations.RunSQL(
            alter_sql("people_person", reached("person", KEY)), alter_sql("people_person", shared("person", KEY))
        ),
        migrations.RunSQL(AS_BEFORE.replace(EACH_ASKED, IN_ORDER), AS_BEFORE),
    ]
