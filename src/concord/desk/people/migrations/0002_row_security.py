"""A person is there only for those they are shared with; a relationship only for those who see both."""

from django.db import migrations

from concord.desk.accounts.grants import no_security_sql, revoke_sql, security_sql, tables_sql
from concord.desk.sharing.walls import HERE, shared, with_parent

PERSON = shared("person", "people_person.id")
BOTH = f"{with_parent('people_person', 'person_id')} AND {with_parent('people_person', 'other_id')}"
OF_PERSON = with_parent("people_person", "person_id")

WALLS = {
    "people_person": security_sql("people_person", read=PERSON, insert=HERE, update=PERSON),
    "people_personidentifier": security_sql("people_personidentifier", read=OF_PERSON, insert=OF_PERSON),
    "people_relationship": security_sql("people_relationship", read=BOTH, insert=BOTH),
}


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial"), ("sharing", "0002_row_security")]
    operations = [
        *(migrations.RunSQL(sql, no_security_sql(table)) for table, sql in WALLS.items()),
        migrations.RunSQL(tables_sql(*WALLS, verbs="SELECT, INSERT, UPDATE"), revoke_sql(*WALLS)),
    ]
