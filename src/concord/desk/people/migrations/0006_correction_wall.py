"""The history of a person is there for whoever the person is."""

from django.db import migrations

from concord.desk.accounts.grants import no_security_sql, revoke_sql, security_sql, tables_sql
from concord.desk.sharing.walls import with_parent

OF_PERSON = with_parent("people_person", "person_id")


class Migration(migrations.Migration):
    dependencies = [("people", "0005_correction")]
    operations = [
        migrations.RunSQL(
            security_sql(
                "people_correction", read=OF_PERSON, insert=f"{OF_PERSON} AND by = (SELECT concord_user())"
            ),
            no_security_sql("people_correction"),
        ),
        migrations.RunSQL(
            tables_sql("people_correction", verbs="SELECT, INSERT"), revoke_sql("people_correction")
        ),
    ]
