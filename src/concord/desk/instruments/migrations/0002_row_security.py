"""An assessment is there for whom it is shared with; what belongs to it, where it is. Answers given and decisions made
are never altered. Whoever is kept out of a person is kept out of every assessment.

The extract reads a view of instruments, agencies, days and levels that holds no name and no answer, and only the
extract's service sees it.
"""

from django.db import migrations

from concord.desk.accounts.grants import no_security_sql, revoke_sql, security_sql, tables_sql
from concord.desk.sharing.walls import HERE, shared, with_parent

OPEN = shared("assessment", "instruments_assessment.id")
PART = with_parent("instruments_assessment", "assessment_id")

WALLS = {
    "instruments_version": security_sql("instruments_version", read=HERE, insert=HERE),
    "instruments_assessment": security_sql("instruments_assessment", read=OPEN, insert=HERE, update=OPEN),
    "instruments_change": security_sql("instruments_change", read=PART, insert=PART),
    "instruments_judgement": security_sql("instruments_judgement", read=PART, insert=PART),
}

EXTRACT = """
CREATE VIEW instruments_extract_assessments AS
  SELECT a.instrument, a.agency, a.begun_at, a.due_on, first.at AS decided_at, last.level,
    NULLIF(a.kept -> 'eligible', 'null'::jsonb) = 'true'::jsonb AS eligible,
    (last.reason <> '' AND NOT EXISTS (
      SELECT 1 FROM jsonb_each(last.kept -> 'scores') s WHERE s.value = 'null'::jsonb)) AS rationale
  FROM instruments_assessment a
  LEFT JOIN LATERAL (SELECT j.at FROM instruments_judgement j WHERE j.assessment_id = a.id
    ORDER BY j.revision LIMIT 1) first ON true
  LEFT JOIN LATERAL (SELECT j.level, j.reason, j.kept FROM instruments_judgement j WHERE j.assessment_id = a.id
    ORDER BY j.revision DESC LIMIT 1) last ON true
  WHERE a.partnership = concord_said('partnership') AND a.state <> 'stopped'
    AND 'desk_extract' = ANY (concord_list('roles'));
"""

CASCADE = """
CREATE FUNCTION instruments_keep_out() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO sharing_exclusion (id, partnership, subject_kind, subject_id, user_id, declared_by, declared_at)
  SELECT gen_random_uuid(), NEW.partnership, 'assessment', a.id, NEW.user_id, NEW.declared_by, NEW.declared_at
  FROM instruments_assessment a WHERE a.person_id = NEW.subject_id
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER instruments_kept_out AFTER INSERT ON sharing_exclusion FOR EACH ROW
  WHEN (NEW.subject_kind = 'person') EXECUTE FUNCTION instruments_keep_out();
"""
UNDO = "DROP TRIGGER instruments_kept_out ON sharing_exclusion; DROP FUNCTION instruments_keep_out();"


class Migration(migrations.Migration):
    dependencies = [("instruments", "0001_initial"), ("sharing", "0005_assessment_kind"), ("people", "0002_row_security")]
    operations = [
        *(migrations.RunSQL(sql, no_security_sql(table)) for table, sql in WALLS.items()),
        migrations.RunSQL(EXTRACT, "DROP VIEW instruments_extract_assessments"),
        migrations.RunSQL(CASCADE, UNDO),
        migrations.RunSQL(
            tables_sql("instruments_assessment", verbs="SELECT, INSERT, UPDATE"), revoke_sql("instruments_assessment")
        ),
        migrations.RunSQL(
            tables_sql("instruments_version", "instruments_change", "instruments_judgement", verbs="SELECT, INSERT"),
            revoke_sql("instruments_version", "instruments_change", "instruments_judgement"),
        ),
        migrations.RunSQL(
            tables_sql("instruments_extract_assessments", verbs="SELECT"), revoke_sql("instruments_extract_assessments")
        ),
    ]
