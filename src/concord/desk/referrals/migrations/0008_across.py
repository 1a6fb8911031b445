"""Rules that hold across the partnership, asked without showing what they looked at; steps that are awaited by a day; and
tries of the open forms, counted for every process.

A rule such as “once only” must hold whatever the one who asks may see. These functions look past row-level security on
behalf of somebody who can open the contact, and give back states, roles and times alone: no text, no name, no reference.
"""

import uuid

import django.db.models.deletion
from django.db import migrations, models

from concord.desk.accounts.grants import no_security_sql, revoke_sql, run_sql, security_sql, tables_sql
from concord.desk.sharing.walls import HERE, with_parent

# Whoever asks must be able to open the contact themselves; for anybody else there is nothing.
OPENED = """EXISTS (SELECT FROM sharing_grant g WHERE g.subject_kind = 'contact' AND g.subject_id = asked
      AND g.holder = ANY (concord_list('holders')) AND g.partnership = concord_said('partnership')
      AND g.starts_at <= upto AND (g.ends_at IS NULL OR g.ends_at > upto)
      AND NOT sharing_excluded('contact', asked, concord_user()))"""

# Every record kept as one person with somebody whom the asked contact names.
SAME = """WITH RECURSIVE same(anchor, person) AS (
    SELECT i.person_id, i.person_id FROM referrals_identified i WHERE i.contact_id = asked
    UNION
    SELECT s.anchor, CASE WHEN m.kept_id = s.person THEN m.other_id ELSE m.kept_id END
    FROM same s JOIN people_merge m ON m.undone_at IS NULL AND s.person IN (m.kept_id, m.other_id)
  )"""

REACHED = f"""
CREATE FUNCTION referrals_reached_before(asked uuid, main text[], upto timestamptz) RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  {SAME}
  SELECT coalesce(array_agg(DISTINCT t.target), '{{}}') FROM referrals_contact mine
    JOIN referrals_identified here ON here.contact_id = mine.id AND here.role = ANY (main)
    JOIN same ON same.anchor = here.person_id
    JOIN referrals_identified i ON i.person_id = same.person AND i.role = ANY (main) AND i.contact_id <> mine.id
    JOIN referrals_contact c ON c.id = i.contact_id AND c.pathway = mine.pathway AND c.partnership = mine.partnership
    JOIN referrals_step t ON t.contact_id = c.id
  WHERE mine.id = asked AND {OPENED}
$$;
"""

ACCEPTED = f"""
CREATE FUNCTION referrals_accepted_before(asked uuid, routes text[], upto timestamptz)
RETURNS TABLE (earlier uuid, received timestamptz, part text, person uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  {SAME}
  SELECT DISTINCT c.id, c.received_at, i.role::text,
    coalesce((SELECT min(s.anchor::text)::uuid FROM same s WHERE s.person = i.person_id), i.person_id)
  FROM referrals_contact mine
    JOIN referrals_identified here ON here.contact_id = mine.id AND here.role = 'victim'
    JOIN same ON same.anchor = here.person_id
    JOIN referrals_identified v ON v.person_id = same.person AND v.role = 'victim' AND v.contact_id <> mine.id
    JOIN referrals_contact c ON c.id = v.contact_id AND c.pathway = mine.pathway AND c.partnership = mine.partnership
      AND c.decided_at IS NOT NULL AND c.route = ANY (routes) AND c.received_at < mine.received_at
    JOIN referrals_identified i ON i.contact_id = c.id
  WHERE mine.id = asked AND {OPENED}
$$;
"""

# One try of one connection: counted, and whether it was one too many. What is older than an hour is erased on the way.
# Locked for as long as the counting takes, so that two processes cannot both be the last one.
TRY = """
CREATE FUNCTION referrals_one_try_more(counted text, most integer, tried timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE before integer;
BEGIN
  IF NOT ('public_form' = ANY (concord_list('roles'))) THEN
    RETURN true;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('form try ' || counted, 0));
  DELETE FROM referrals_try WHERE at <= tried - interval '1 hour';
  SELECT count(*) INTO before FROM referrals_try t WHERE t.mark = counted;
  -- Beyond the limit tries are not counted, so that the hour ends.
  IF before < most THEN
    INSERT INTO referrals_try (mark, at) VALUES (counted, tried);
  END IF;
  RETURN before >= most;
END $$;
"""

# What was missed and not entered yet, entered once: on every case, whoever may see it. Gives back how many, nothing else.
MISSED = """
CREATE FUNCTION referrals_note_missed(today date, noted timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE found integer;
BEGIN
  IF NOT ('records_keeper' = ANY (concord_list('roles'))) THEN
    RETURN 0;
  END IF;
  UPDATE referrals_awaited a SET raised_at = noted FROM referrals_contact c
  WHERE c.id = a.contact_id AND c.decided_at IS NULL AND NOT a.done AND a.due_on < today AND a.raised_at IS NULL
    AND a.partnership = concord_said('partnership');
  GET DIAGNOSTICS found = ROW_COUNT;
  RETURN found;
END $$;
"""

# What goes with a contact that is erased.
ERASED = """
CREATE FUNCTION referrals_awaited_erased() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  DELETE FROM referrals_awaited a WHERE a.contact_id = OLD.id;
  RETURN OLD;
END $$;
CREATE TRIGGER referrals_awaited_erased BEFORE DELETE ON referrals_contact FOR EACH ROW
  EXECUTE FUNCTION referrals_awaited_erased();
"""
KEPT = "DROP TRIGGER referrals_awaited_erased ON referrals_contact; DROP FUNCTION referrals_awaited_erased();"
HANDLED = with_parent("referrals_contact", "contact_id")
# Put there with the referral, by somebody who cannot open what became of it.
AWAITED = security_sql("referrals_awaited", read=HANDLED, insert=HERE, update=HANDLED)

FUNCTIONS = {
    "referrals_note_missed(date, timestamptz)": MISSED,
    "referrals_reached_before(uuid, text[], timestamptz)": REACHED,
    "referrals_accepted_before(uuid, text[], timestamptz)": ACCEPTED,
    "referrals_one_try_more(text, integer, timestamptz)": TRY,
}


class Migration(migrations.Migration):
    dependencies = [("referrals", "0007_waiting"), ("people", "0010_pair_walls"), ("sharing", "0004_restrictions")]
    operations = [
        migrations.CreateModel(
            name="Try",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("mark", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
            ],
            options={"indexes": [models.Index(fields=["mark", "at"], name="try_mark")]},
        ),
        migrations.CreateModel(
            name="Awaited",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("partnership", models.CharField(max_length=60)),
                ("key", models.CharField(max_length=40)),
                ("due_on", models.DateField()),
                ("done", models.BooleanField(default=False)),
                ("raised_at", models.DateTimeField(blank=True, null=True)),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="awaited", to="referrals.contact"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("done", False)), fields=["due_on"], name="awaited_open")
                ],
                "constraints": [models.UniqueConstraint(fields=("contact", "key"), name="awaited_once")],
            },
        ),
        migrations.RunSQL(AWAITED, no_security_sql("referrals_awaited")),
        migrations.RunSQL(
            tables_sql("referrals_awaited", verbs="SELECT, INSERT, UPDATE"), revoke_sql("referrals_awaited")
        ),
        migrations.RunSQL(ERASED, KEPT),
        # No policy: nobody reads or writes a row but through the function.
        migrations.RunSQL("ALTER TABLE referrals_try ENABLE ROW LEVEL SECURITY", migrations.RunSQL.noop),
        *(
            operation
            for name, sql in FUNCTIONS.items()
            for operation in (
                migrations.RunSQL(sql, f"DROP FUNCTION {name}"),
                migrations.RunSQL(run_sql(name), migrations.RunSQL.noop),
            )
        ),
    ]
