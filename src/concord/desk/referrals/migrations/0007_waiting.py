"""Which forum a decided contact waits to be listed by, kept with it: a forum's page reads those that wait, not every
contact of ten years to drop the ones it heard. And the room's walls as one call each."""

from django.db import migrations, models
from django.db.models import Q

from concord.desk.sharing.walls import alter_sql, reached, shared

WALLS = {"referrals_referral": "referral", "referrals_contact": "contact"}


def mark(apps, schema_editor):
    """Contacts decided before this column: those routed to a forum wait for it, until `panels` clears what it listed."""
    contacts = apps.get_model("referrals", "Contact").objects
    if not contacts.exists():
        return
    from concord.desk.accounts.queries import partnership

    for on in partnership().pathways.values():
        for route in on.route:
            if route.forum:
                contacts.filter(pathway=on.key, route=route.key, decided_at__isnull=False).update(waits_for=route.forum)


class Migration(migrations.Migration):
    dependencies = [("referrals", "0006_extract_steps"), ("sharing", "0006_reach")]
    operations = [
        migrations.AddField(
            model_name="contact",
            name="waits_for",
            field=models.CharField(blank=True, default="", max_length=60),
        ),
        migrations.RunPython(mark, migrations.RunPython.noop),
        # What the update above deferred must run before the table is altered again.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL IMMEDIATE"),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(condition=~Q(waits_for=""), fields=["waits_for", "decided_at"], name="contact_waiting"),
        ),
        *(
            migrations.RunSQL(alter_sql(table, reached(kind, f"{table}.id")), alter_sql(table, shared(kind, f"{table}.id")))
            for table, kind in WALLS.items()
        ),
    ]
