"""Walls of the register's tables, and the search for candidates by keys that a million persons can carry.

Row-level security keeps the planner from an index whose operator might leak a row, and the keys of a name are such.
`people_candidates` looks for itself, at the roles and shares of whoever asks, and returns identifiers alone; the rows
are then read through the wall like any others.
"""

from django.db import migrations

from concord.desk.accounts.grants import no_security_sql, revoke_sql, run_sql, security_sql, tables_sql
from concord.desk.sharing.walls import HERE, with_parent

OF_PERSON = with_parent("people_person", "person_id")
BOTH = f"{HERE} AND {with_parent('people_person', 'kept_id')} AND {with_parent('people_person', 'other_id')}"

WALLS = {
    "people_alias": security_sql("people_alias", read=OF_PERSON, insert=OF_PERSON),
    "people_ethnicity": security_sql("people_ethnicity", read=OF_PERSON, insert=OF_PERSON, update=OF_PERSON),
    "people_merge": security_sql(
        "people_merge", read=BOTH, insert=f"{BOTH} AND by = (SELECT concord_user())", update=BOTH
    ),
}

# Lower case without accents, spaces, hyphens, apostrophes or the mark of synthetic names; then the consonants, once
# letters of one sound are one: the keys of rules.tidy and rules.sound.
KEYS = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE FUNCTION people_plain(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT regexp_replace(translate(replace(replace(regexp_replace(lower(name), '[- ]?syn$', ''), 'ß', 'ss'), 'æ', 'ae'),
    'àáâãäåāăąçćčĉďèéêëēĕėęěĝğġģĥìíîïĩīĭįĵķĺļľñńņňòóôõöōŏőŕŗřśŝşšţťùúûüũūŭůűųŵýÿŷźżžșțłøđðþı',
    'aaaaaaaaaccccdeeeeeeeeegggghiiiiiiiijklllnnnnoooooooorrrssssttuuuuuuuuuuwyyyzzzstloddti'), '[^a-z]', '', 'g')
$$;
CREATE FUNCTION people_sound(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT regexp_replace(regexp_replace(translate(public.people_plain(name), 'yvwqckzjx', 'ivvkkkjjk'),
    '(^.)|[aeiouh]|(.)', '\\1\\2', 'g'), '(.)\\1+', '\\1', 'g')
$$;
"""
INDEXES = {
    "person_sounds": "people_person (people_sound(family_name), people_sound(given_name))",
    "person_family_sound_born": "people_person (people_sound(family_name), born_on)",
    "person_given_sound_born": "people_person (people_sound(given_name), born_on)",
    "person_postcode": "people_person (replace(upper(postcode), ' ', ''), born_on)",
    "person_begins": "people_person (people_plain(family_name) text_pattern_ops,"
    " people_plain(given_name) text_pattern_ops)",
    "alias_sounds": "people_alias (people_sound(family_name), people_sound(given_name))",
}
MAKE = KEYS + "".join(f"CREATE INDEX {name} ON {what};\n" for name, what in INDEXES.items())

# At most so many of each key are looked at, the likest first.
LOOK = """
CREATE FUNCTION people_open_to_asker(person uuid) RETURNS boolean
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM sharing_grant g WHERE g.subject_id = person AND g.subject_kind = 'person'
      AND g.level = 'full' AND g.partnership = concord_said('partnership')
      AND g.holder = ANY (concord_list('holders')) AND g.purpose = ANY (concord_list('purposes'))
      AND g.agreement = ANY (concord_list('agreements')) AND g.starts_at <= concord_at()
      AND (g.ends_at IS NULL OR g.ends_at > concord_at()))
    AND NOT sharing_excluded('person', person, concord_user());
END $$;
CREATE FUNCTION people_candidates(given text, family text, born date, post text, most integer) RETURNS SETOF uuid
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  family_plain text := people_plain(family); given_plain text := people_plain(given);
  place text := replace(upper(post), ' ', '');
  family_sound text := people_sound(family); given_sound text := people_sound(given);
  swapped date := CASE WHEN extract(day FROM born) <= 12
    THEN make_date(extract(year FROM born)::int, extract(day FROM born)::int, extract(month FROM born)::int) END;
  found uuid[] := '{}'; more uuid[];
BEGIN
  IF born IS NOT NULL THEN
    IF family_sound <> '' THEN
      SELECT array_agg(p.id) INTO more FROM (SELECT q.id FROM people_person q
        WHERE people_sound(q.family_name) = family_sound AND q.born_on IN (born, swapped) LIMIT 500) p;
      found := found || coalesce(more, '{}');
    END IF;
    IF given_sound <> '' THEN
      SELECT array_agg(p.id) INTO more FROM (SELECT q.id FROM people_person q
        WHERE people_sound(q.given_name) = given_sound AND q.born_on IN (born, swapped) LIMIT 500) p;
      found := found || coalesce(more, '{}');
    END IF;
    -- A slip of one letter at the start of a name changes its sound: those of one birthday are few.
    SELECT array_agg(p.id) INTO more FROM (SELECT q.id FROM people_person q WHERE q.born_on = born
      AND similarity(people_plain(q.family_name), family_plain) >= 0.4 LIMIT 200) p;
    found := found || coalesce(more, '{}');
  END IF;
  IF family_sound <> '' AND given_sound <> '' THEN
    SELECT array_agg(p.id) INTO more FROM (SELECT q.id FROM people_person q
      WHERE people_sound(q.family_name) = family_sound AND people_sound(q.given_name) = given_sound
      ORDER BY q.born_on IS NOT DISTINCT FROM born DESC, replace(upper(q.postcode), ' ', '') = place DESC,
        people_plain(q.family_name) = family_plain DESC, q.id LIMIT 500) p;
    found := found || coalesce(more, '{}');
    SELECT array_agg(p.person_id) INTO more FROM (SELECT a.person_id FROM people_alias a
      WHERE people_sound(a.family_name) = family_sound AND people_sound(a.given_name) = given_sound LIMIT 200) p;
    found := found || coalesce(more, '{}');
  END IF;
  IF place <> '' THEN
    SELECT array_agg(p.id) INTO more FROM (SELECT q.id FROM people_person q
      WHERE replace(upper(q.postcode), ' ', '') = place AND (q.born_on = born
        OR people_sound(q.given_name) = given_sound OR people_sound(q.family_name) = family_sound) LIMIT 300) p;
    found := found || coalesce(more, '{}');
  END IF;
  IF length(family_plain) >= 3 AND length(given_plain) >= 2 THEN
    SELECT array_agg(p.id) INTO more FROM (SELECT q.id FROM people_person q
      WHERE people_plain(q.family_name) LIKE family_plain || '%' AND people_plain(q.given_name) LIKE given_plain || '%'
      LIMIT 300) p;
    found := found || coalesce(more, '{}');
  END IF;
  RETURN QUERY SELECT k.id FROM (SELECT DISTINCT unnest(found) AS id) each JOIN people_person k USING (id)
    WHERE k.partnership = concord_said('partnership') AND people_open_to_asker(k.id)
    ORDER BY (k.born_on IS NOT DISTINCT FROM born)::int
      + similarity(people_plain(k.family_name), family_plain) + similarity(people_plain(k.given_name), given_plain)
      DESC, k.id LIMIT most;
END $$;
"""
DROP = """
DROP FUNCTION people_candidates(text, text, date, text, integer); DROP FUNCTION people_open_to_asker(uuid);
"""
UNMAKE = "".join(f"DROP INDEX {name};\n" for name in INDEXES) + (
    "DROP FUNCTION people_sound(text); DROP FUNCTION people_plain(text);"
)

# What hangs on a person goes with them when a named person's decision erases them.
GONE = """
CREATE FUNCTION people_person_gone() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  DELETE FROM people_alias a WHERE a.person_id = OLD.id;
  DELETE FROM people_ethnicity e WHERE e.person_id = OLD.id;
  DELETE FROM people_merge m WHERE OLD.id IN (m.kept_id, m.other_id);
  RETURN OLD;
END $$;
CREATE TRIGGER person_gone BEFORE DELETE ON people_person FOR EACH ROW EXECUTE FUNCTION people_person_gone();
"""
NOT_GONE = "DROP TRIGGER person_gone ON people_person; DROP FUNCTION people_person_gone();"


class Migration(migrations.Migration):
    dependencies = [("people", "0007_register"), ("sharing", "0004_restrictions")]
    operations = [
        *(migrations.RunSQL(sql, no_security_sql(table)) for table, sql in WALLS.items()),
        migrations.RunSQL(
            tables_sql("people_alias", verbs="SELECT, INSERT")
            + tables_sql("people_ethnicity", "people_merge", verbs="SELECT, INSERT, UPDATE"),
            revoke_sql(*WALLS),
        ),
        migrations.RunSQL(MAKE, UNMAKE),
        migrations.RunSQL(LOOK, DROP),
        migrations.RunSQL(run_sql("people_candidates(text, text, date, text, integer)"), migrations.RunSQL.noop),
        migrations.RunSQL(GONE, NOT_GONE),
    ]
