"""An earlier referral that somebody is kept out of is none to them: the repeat rule does not tell that it is there."""

from importlib import import_module

from django.db import migrations

ACROSS = import_module("concord.desk.referrals.migrations.0008_across")
BEFORE = ACROSS.ACCEPTED.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
_JOINED = "c.route = ANY (routes) AND c.received_at < mine.received_at"
AFTER = BEFORE.replace(_JOINED, f"{_JOINED}\n      AND NOT sharing_excluded('contact', c.id, concord_user())", 1)
assert AFTER != BEFORE  # noqa: S101  # a text that is no longer found must stop the migration, not pass it by


class Migration(migrations.Migration):
    dependencies = [("referrals", "0013_restricted"), ("sharing", "0004_restrictions")]
    operations = [migrations.RunSQL(AFTER, BEFORE)]
