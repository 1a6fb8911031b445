"""A person’s wall as one call."""

from django.db import migrations

from concord.desk.sharing.walls import alter_sql, reached, shared

KEY = "people_person.id"


class Migration(migrations.Migration):
    dependencies = [("people", "0010_pair_walls"), ("sharing", "0006_speed_reach")]
    operations = [
        migrations.RunSQL(
            alter_sql("people_person", reached("person", KEY)), alter_sql("people_person", shared("person", KEY))
        )
    ]
