"""What still waits, kept with the row it waits on: a case carried over and not listed again, the next review of a risk.
A case's wall as one call; the papers of a board as before."""

from django.db import migrations, models
from django.db.models import Q

from concord.desk.accounts.grants import run_sql
from concord.desk.sharing.walls import HERE, alter_sql, reached, shared, with_parent

PAPERS = (
    f"(hears = 'papers' AND {HERE} AND {with_parent('panels_meeting', 'meeting_id')}"
    " AND NOT sharing_excluded('item', id, (SELECT concord_user())))"
)
ITEM = (
    f"{reached('item', 'panels_item.id')}"
    f" OR (hears = 'papers' AND {HERE} AND panels_paper_open(id, meeting_id) IS NOT NULL)"
)
AS_BEFORE = f"({shared('item', 'panels_item.id')}) OR {PAPERS}"

PAPER = """
CREATE FUNCTION panels_paper_open(item uuid, meeting uuid) RETURNS boolean
  LANGUAGE plpgsql STABLE SECURITY DEFINER COST 400 SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM panels_meeting m WHERE m.id = meeting AND m.partnership = concord_said('partnership')
      AND 'forum:' || m.forum = ANY (concord_list('holders')))
    AND NOT sharing_excluded('item', item, concord_user()) THEN RETURN true; END IF;
  RETURN NULL;
END $$;
"""

# Whoever lists a case may not be able to see the contact or the earlier hearing it answers, so the database marks them.
LISTED = """
CREATE FUNCTION panels_item_listed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.contact_id IS NOT NULL THEN
    UPDATE referrals_contact c SET waits_for = '' FROM panels_meeting m
    WHERE c.id = NEW.contact_id AND m.id = NEW.meeting_id AND c.waits_for = m.forum;
  END IF;
  IF NEW.carried_from_id IS NOT NULL THEN
    UPDATE panels_item SET listed_again = true WHERE id = NEW.carried_from_id;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER panels_listed AFTER INSERT ON panels_item
  FOR EACH ROW WHEN (NEW.contact_id IS NOT NULL OR NEW.carried_from_id IS NOT NULL)
  EXECUTE FUNCTION panels_item_listed();
"""
UNDO = "DROP TRIGGER panels_listed ON panels_item; DROP FUNCTION panels_item_listed();"

SO_FAR = """
UPDATE referrals_contact c SET waits_for = '' FROM panels_item i JOIN panels_meeting m ON m.id = i.meeting_id
  WHERE i.contact_id = c.id AND c.waits_for = m.forum;
UPDATE panels_item p SET listed_again = true FROM panels_item i WHERE i.carried_from_id = p.id;
SET CONSTRAINTS ALL IMMEDIATE;
"""


def reviews(apps, schema_editor):
    """The next review of cases whose risk was judged before this column."""
    items = apps.get_model("panels", "Item").objects.filter(ratings__month=0).select_related("meeting").distinct()
    if not items.exists():
        return
    from concord.desk.accounts.queries import partnership
    from concord.desk.panels.rules import next_review
    from concord.kernel.working_time import LONDON

    for row in items.prefetch_related("ratings"):
        of = partnership().forums.get(row.meeting.forum)
        given = {each.month: each.at.astimezone(LONDON).date() for each in row.ratings.all()}
        row.review_on = next_review(of.movement.months, given) if of and of.movement else None
        row.save(update_fields=["review_on"])


class Migration(migrations.Migration):
    dependencies = [("panels", "0008_walls_of_more"), ("referrals", "0007_waiting")]
    operations = [
        migrations.AddField(model_name="item", name="listed_again", field=models.BooleanField(default=False)),
        migrations.AddField(model_name="item", name="review_on", field=models.DateField(blank=True, null=True)),
        migrations.RunSQL(SO_FAR, migrations.RunSQL.noop),
        migrations.RunPython(reviews, migrations.RunPython.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RunSQL(LISTED, UNDO),
        migrations.RunSQL(PAPER, "DROP FUNCTION panels_paper_open(uuid, uuid)"),
        migrations.RunSQL(run_sql("panels_paper_open(uuid, uuid)"), migrations.RunSQL.noop),
        migrations.RunSQL(alter_sql("panels_item", ITEM), alter_sql("panels_item", AS_BEFORE)),
        migrations.AddIndex(
            model_name="item",
            index=models.Index(
                condition=Q(state="carried_over", listed_again=False), fields=["meeting"], name="item_carried"
            ),
        ),
        migrations.AddIndex(
            model_name="item",
            index=models.Index(condition=Q(review_on__isnull=False), fields=["review_on"], name="item_review"),
        ),
        migrations.AddIndex(
            model_name="meeting",
            index=models.Index(
                condition=~Q(state__in=["closed", "signed"]), fields=["forum", "starts_at"], name="meeting_to_come"
            ),
        ),
        migrations.AddIndex(
            model_name="action",
            index=models.Index(condition=Q(status="open"), fields=["forum", "due_on"], name="action_open"),
        ),
        migrations.AddIndex(
            model_name="action",
            index=models.Index(
                condition=~Q(status="open"), fields=["agency", "-completed_at", "id"], name="action_closed"
            ),
        ),
        migrations.AddIndex(
            model_name="action",
            index=models.Index(
                condition=~Q(status="open"), fields=["forum", "due_on", "id"], name="action_closed_forum"
            ),
        ),
    ]
