"""What is newest, in the order of its time: My day reads the first few of it and stops."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("panels", "0015_sittings")]
    operations = [
        migrations.AddIndex(
            model_name="action",
            index=models.Index(condition=Q(status="open"), fields=["agency", "-raised_on"], name="action_raised"),
        ),
        migrations.AddIndex(
            model_name="action",
            index=models.Index(condition=~Q(status="open"), fields=["-completed_at"], name="action_ended"),
        ),
        migrations.AddIndex(model_name="research", index=models.Index(fields=["-at"], name="research_newest")),
        migrations.AddIndex(model_name="minutes", index=models.Index(fields=["-signed_at"], name="minutes_newest")),
    ]
