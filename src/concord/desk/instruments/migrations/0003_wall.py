"""An assessment's wall as one call."""

from django.db import migrations

from concord.desk.sharing.walls import alter_sql, reached, shared

KEY = "instruments_assessment.id"


class Migration(migrations.Migration):
    dependencies = [("instruments", "0002_row_security"), ("sharing", "0006_reach")]
    operations = [
        migrations.RunSQL(
            alter_sql("instruments_assessment", reached("assessment", KEY)),
            alter_sql("instruments_assessment", shared("assessment", KEY)),
        )
    ]
