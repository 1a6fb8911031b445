"""Who has a contact in hand, and when the first of its clocks runs out: a rating can be due long before the decision, and
a tray is read in that order. A contact without a clock that runs comes after those with one."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FILL = "UPDATE referrals_contact SET next_due_at = least(due_at, rag_due_at) WHERE decided_at IS NULL"


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("referrals", "0011_subject_walls"),
    ]
    operations = [
        migrations.AddField("contact", "next_due_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            "contact",
            "held_by",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField("contact", "held_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddIndex(
            "contact",
            models.Index(
                fields=["pathway", "next_due_at"], name="contact_next", condition=models.Q(decided_at__isnull=True)
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
