"""What stands beside a case and an assessment: read for an access request, and never taken from under what rests on it."""

from importlib import import_module

from django.db import migrations

TEXTS = import_module("concord.desk.records.migrations.0005_walls").OWN
ENTRIES = import_module("concord.desk.records.migrations.0006_registers")

# A case stays while somebody selected in it is on its forum's list; an assessment while a case rests on its result.
ON_A_LIST = """      AND NOT EXISTS (SELECT FROM panels_action a WHERE a.item_id = i.id AND a.status = 'open')
      AND NOT EXISTS (SELECT FROM panels_cohortentry e WHERE e.item_id = i.id AND e.removed_on IS NULL)
"""
RESTED_ON = """      AND NOT EXISTS (SELECT FROM instruments_assessment later WHERE later.previous_id = a.id)
      AND NOT EXISTS (SELECT FROM panels_item i JOIN instruments_result r ON r.id = i.result_id
        WHERE r.assessment_id = a.id)
"""
DUE = ENTRIES.DUE.replace(ON_A_LIST.splitlines(keepends=True)[0], ON_A_LIST, 1).replace(
    RESTED_ON.splitlines(keepends=True)[0], RESTED_ON, 1
)
MORE = """    UNION ALL SELECT 'panels_priorcontact', p.id, 'text', p.at, p.text FROM panels_priorcontact p
      WHERE p.item_id = ANY (own.items)
    UNION ALL SELECT 'panels_cohortentry', e.id, 'removed_why', e.removed_on::timestamptz, e.removed_why
      FROM panels_cohortentry e WHERE e.person_id = ANY (own.persons)
    UNION ALL SELECT 'instruments_opinion', o.id, 'reason', o.at, o.reason FROM instruments_opinion o
      WHERE o.assessment_id = ANY (own.assessments)
    UNION ALL SELECT 'instruments_onward', o.id, 'reason', o.at, o.reason FROM instruments_onward o
      WHERE o.assessment_id = ANY (own.assessments)
  ) t(source, of_row, field, at, said)"""
_, start, rest = TEXTS.partition("CREATE FUNCTION records_texts(")
BEFORE = start.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION") + rest.partition("END $$;")[0] + "END $$;"
COLUMNS = {
    "('override', j.override)": "('override', j.override), ('differs_because', j.differs_because)",
    "('concern', i.concern)": "('concern', i.concern), ('minute', i.minute)",
}
AFTER = BEFORE.replace("  ) t(source, of_row, field, at, said)", MORE, 1)
for _was, _is in COLUMNS.items():
    AFTER = AFTER.replace(_was, _is, 1)


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0006_registers"),
        ("panels", "0013_walls"),
        ("instruments", "0005_walls"),
    ]
    operations = [migrations.RunSQL(DUE, ENTRIES.DUE), migrations.RunSQL(AFTER, BEFORE)]
