"""A pair is there for a reviewer who has not judged it while it lacks opinions; an opinion for whoever gave it.

So no reviewer learns what the other thinks, nor that there is another.
"""

from django.db import migrations

from concord.desk.accounts.grants import no_security_sql, revoke_sql, run_sql, security_sql, tables_sql
from concord.desk.sharing.walls import HERE

# Two opinions are wanted, and a third where the first two differ.
OPEN = """
CREATE FUNCTION people_pair_open(of_pair uuid, state text, who uuid) RETURNS boolean
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN state <> 'settled'
    AND NOT EXISTS (SELECT FROM people_linkageopinion o WHERE o.pair_id = of_pair AND o.reviewer = who
      AND (o.taken_at IS NULL OR o.taken_at >= (SELECT p.handed_at FROM people_linkagepair p WHERE p.id = of_pair)))
    AND (SELECT count(*) FROM people_linkageopinion o WHERE o.pair_id = of_pair
      AND (o.taken_at IS NULL OR o.taken_at >= (SELECT p.handed_at FROM people_linkagepair p WHERE p.id = of_pair)))
      < CASE state WHEN 'disputed' THEN 3 ELSE 2 END;
END $$;
"""
VERB = "'{}' = ANY ((SELECT concord_list('verbs'))::text[])"
SERVICE, REVIEWS = VERB.format("pair.exchange"), VERB.format("pair.judge")
ME = "(SELECT concord_user())"
WALLS = {
    "people_linkagepair": security_sql(
        "people_linkagepair",
        read=f"{HERE} AND ({SERVICE} OR ({REVIEWS} AND people_pair_open(id, state, {ME})))",
        insert=f"{HERE} AND {SERVICE}",
        update=f"{HERE} AND {SERVICE}",
    ),
    "people_linkageopinion": security_sql(
        "people_linkageopinion",
        read=f"{SERVICE} OR reviewer = {ME}",
        insert=f"{REVIEWS} AND reviewer = {ME} AND taken_at IS NULL"
        " AND EXISTS (SELECT FROM people_linkagepair p WHERE p.id = pair_id)",
        update=SERVICE,
    ),
}


class Migration(migrations.Migration):
    dependencies = [("people", "0009_pairs")]
    operations = [
        migrations.RunSQL(OPEN, "DROP FUNCTION people_pair_open(uuid, text, uuid)"),
        migrations.RunSQL(run_sql("people_pair_open(uuid, text, uuid)"), migrations.RunSQL.noop),
        *(migrations.RunSQL(sql, no_security_sql(table)) for table, sql in WALLS.items()),
        migrations.RunSQL(tables_sql(*WALLS, verbs="SELECT, INSERT, UPDATE"), revoke_sql(*WALLS)),
    ]
