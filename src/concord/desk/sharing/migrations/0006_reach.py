"""Whether the asker may reach a record, as one function that a wall calls for a row and the planner cannot unfold.

A wall that spelled the shares out was unfolded into every statement, twice where the application asks too. The planner
multiplied the same conditions by each other, took a team's quarter of a million shares for a handful, and read them
all to show fifty lines. Now a wall is one call, the shares' own wall another, and what is known of holders and
purposes together is kept as a statistic.

Both answer true or nothing, never false: of “is not null” the planner takes almost every row to pass, where of a yes or
no it takes one in three, and three such in a row made it give up the index that a list is ordered by. How many rows a
viewer can see it learns from the application's own question, whose shares it has statistics of.
"""

from django.db import migrations, models

from concord.desk.accounts.grants import run_sql

REACHES = """
CREATE FUNCTION sharing_reaches(kind text, subject uuid) RETURNS boolean
  LANGUAGE plpgsql STABLE SECURITY DEFINER COST 400 SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM sharing_grant g WHERE g.subject_id = subject AND g.subject_kind = kind
      AND g.level = 'full' AND g.partnership = concord_said('partnership')
      AND g.holder = ANY (concord_list('holders')) AND g.purpose = ANY (concord_list('purposes'))
      AND g.agreement = ANY (concord_list('agreements')) AND g.starts_at <= concord_at()
      AND (g.ends_at IS NULL OR g.ends_at > concord_at()))
    AND NOT sharing_excluded(kind, subject, concord_user()) THEN RETURN true; END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION sharing_admits(here text, kind text, subject uuid, held_by text, acts_for text, under text,
    since timestamptz, until timestamptz) RETURNS boolean LANGUAGE plpgsql STABLE COST 200 AS $$
BEGIN
  IF here = concord_said('partnership') AND held_by = ANY (concord_list('holders'))
    AND acts_for = ANY (concord_list('purposes')) AND under = ANY (concord_list('agreements'))
    AND since <= concord_at() AND (until IS NULL OR until > concord_at())
    AND NOT sharing_excluded(kind, subject, concord_user()) THEN RETURN true; END IF;
  RETURN NULL;
END $$;
"""
NO_REACHES = """
DROP FUNCTION sharing_admits(text, text, uuid, text, text, text, timestamptz, timestamptz);
DROP FUNCTION sharing_reaches(text, uuid);
"""
ADMITS = """
ALTER POLICY sharing_grant_read ON sharing_grant USING (
  sharing_admits(partnership, subject_kind, subject_id, holder, purpose, agreement, starts_at, ends_at) IS NOT NULL);
"""
# As 0002 wrote it.
SPELLED_OUT = """
ALTER POLICY sharing_grant_read ON sharing_grant USING (
  partnership = (SELECT concord_said('partnership')) AND holder = ANY ((SELECT concord_list('holders'))::text[])
  AND purpose = ANY ((SELECT concord_list('purposes'))::text[])
  AND agreement = ANY ((SELECT concord_list('agreements'))::text[])
  AND starts_at <= (SELECT concord_at()) AND (ends_at IS NULL OR ends_at > (SELECT concord_at()))
  AND NOT sharing_excluded(subject_kind, subject_id, (SELECT concord_user())));
"""
TOGETHER = """
CREATE STATISTICS grant_together (mcv) ON subject_kind, holder, purpose, agreement, level FROM sharing_grant;
ALTER STATISTICS grant_together SET STATISTICS 400;
"""


class Migration(migrations.Migration):
    dependencies = [("sharing", "0005_assessment_kind")]
    operations = [
        migrations.RunSQL(REACHES, NO_REACHES),
        migrations.RunSQL(run_sql("sharing_reaches(text, uuid)"), migrations.RunSQL.noop),
        migrations.RunSQL(ADMITS, SPELLED_OUT),
        migrations.RunSQL(TOGETHER, "DROP STATISTICS grant_together"),
        migrations.AddIndex(
            model_name="grant", index=models.Index(fields=["holder", "subject_kind"], name="grant_holder")
        ),
    ]
