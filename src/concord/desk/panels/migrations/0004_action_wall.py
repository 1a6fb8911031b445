"""An agency keeps seeing what it owes only while the agreement that the case rests on is in force."""

from django.db import migrations

from concord.desk.accounts.grants import no_security_sql, security_sql
from concord.desk.sharing.walls import HERE, with_parent

SITS = "'forum:' || forum = ANY ((SELECT concord_list('holders'))::text[])"
OF_ITEM = with_parent("panels_item", "item_id")
OWN = (
    f"{HERE} AND agency = (SELECT concord_said('agency')) AND {SITS}"
    " AND agreement = ANY ((SELECT concord_list('agreements'))::text[])"
    " AND (status = 'open' OR completed_at >= (SELECT concord_at()))"
    " AND NOT sharing_excluded('item', item_id, (SELECT concord_user()))"
)
ACTION = f"{OF_ITEM} OR ({OWN})"


class Migration(migrations.Migration):
    dependencies = [("panels", "0003_action_agreement")]
    operations = [
        migrations.RunSQL(no_security_sql("panels_action"), migrations.RunSQL.noop),
        migrations.RunSQL(
            security_sql("panels_action", read=ACTION, insert=f"{HERE} AND {OF_ITEM}", update=ACTION),
            no_security_sql("panels_action"),
        ),
    ]
