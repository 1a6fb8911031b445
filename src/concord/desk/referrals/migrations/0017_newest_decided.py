"""A team's own list of what was decided, over all its pathways, in the order of their decisions."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("referrals", "0016_began")]
    operations = [
        migrations.AddIndex(
            "contact",
            models.Index(
                fields=["-decided_at", "id"], name="contact_newest", condition=models.Q(decided_at__isnull=False)
            ),
        ),
    ]
