"""A draft is there for whoever works on publications; what was given out also for those who read papers. Nobody
changes or removes a version of a text, a decision or a line of the change log."""

from django.db import migrations

from concord.desk.accounts.grants import no_security_sql, revoke_sql, security_sql, tables_sql
from concord.desk.sharing.walls import HERE, with_parent

VERBS = "(SELECT concord_list('verbs'))::text[]"


def lists(*verbs: str) -> str:
    return f"ARRAY[{', '.join(repr(verb) for verb in verbs)}] && {VERBS}"


WORKS = lists("edition.read")
GIVEN = f"state IN ('published', 'superseded', 'withdrawn') AND {lists('paper.read')}"
OF_EDITION = f"{WORKS} AND {with_parent('editions_edition', 'edition_id')}"
ACTS = lists(
    "edition.write", "edition.screen", "edition.ask", "edition.approve", "edition.publish", "edition.withdraw",
    "edition.start", "edition.comment",
)  # fmt: skip

WALLS = {
    "editions_edition": security_sql(
        "editions_edition",
        read=f"{HERE} AND ({WORKS} OR {GIVEN})",
        insert=f"{HERE} AND {lists('edition.start')}",
        update=f"{HERE} AND {WORKS} AND {ACTS}",
    ),
    "editions_block": security_sql(
        "editions_block",
        read=OF_EDITION,
        insert=f"{OF_EDITION} AND {lists('edition.write', 'edition.screen')} AND by_id = (SELECT concord_user())",
    ),
    "editions_comment": security_sql(
        "editions_comment",
        read=OF_EDITION,
        insert=f"{OF_EDITION} AND {lists('edition.comment')} AND by_id = (SELECT concord_user())",
        update=f"{OF_EDITION} AND {lists('edition.comment')}",
    ),
    "editions_seen": security_sql(
        "editions_seen",
        read=OF_EDITION,
        insert=f"{OF_EDITION} AND {lists('edition.write')} AND by_id = (SELECT concord_user())",
    ),
    "editions_screening": security_sql(
        "editions_screening",
        read=OF_EDITION,
        insert=f"{OF_EDITION} AND {lists('edition.screen')} AND by_id = (SELECT concord_user())",
    ),
    "editions_change": security_sql(
        "editions_change",
        read=OF_EDITION,
        insert=f"{OF_EDITION} AND {ACTS} AND by_id = (SELECT concord_user())",
    ),
}
ADDED_TO = ("editions_block", "editions_seen", "editions_screening", "editions_change")
CHANGED = ("editions_edition", "editions_comment")


class Migration(migrations.Migration):
    dependencies = [("editions", "0001_initial"), ("sharing", "0002_row_security"), ("accounts", "0002_grants")]
    operations = [
        *(migrations.RunSQL(sql, no_security_sql(table)) for table, sql in WALLS.items()),
        migrations.RunSQL(tables_sql(*ADDED_TO, verbs="SELECT, INSERT"), revoke_sql(*ADDED_TO)),
        migrations.RunSQL(tables_sql(*CHANGED, verbs="SELECT, INSERT, UPDATE"), revoke_sql(*CHANGED)),
    ]
