"""What stands beside meetings: reminders, cohorts and who marks their files, residents' questions, packs, populations.
Their tables; the tables of meetings and cases are in `models`."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from concord.desk.panels.rules import PACK, QUESTION


class Reminder(models.Model):
    """That an agency was reminded of the research it owes a meeting: once a day at most."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey("panels.Meeting", on_delete=models.CASCADE, related_name="reminders")
    agency = models.CharField(max_length=60)
    on = models.DateField()
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "agency", "on"], name="reminder_once_a_day")]


class CohortEntry(models.Model):
    """Somebody whom a forum manages: since when, how they are rated, when they are looked at again. A person adds; the
    rule or a person removes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.CharField(max_length=60)
    forum = models.CharField(max_length=60)
    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="+")
    item = models.ForeignKey("panels.Item", on_delete=models.CASCADE, related_name="entries")
    """The case in which they were selected."""
    agreement = models.CharField(max_length=60)
    kind = models.CharField(max_length=30)
    rating = models.CharField(max_length=20, blank=True)
    entered_on = models.DateField()
    reviewed_on = models.DateField()
    review_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    """The day from which the rule keeps nobody of their age."""
    removed_on = models.DateField(null=True, blank=True)
    removed_why = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["forum", "review_on"], name="cohort_review", condition=Q(removed_on=None))]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "forum"], name="cohort_once_at_a_time", condition=Q(removed_on__isnull=True)
            ),
            models.CheckConstraint(
                condition=Q(removed_on__isnull=True) | ~Q(removed_why=""), name="cohort_removal_says_why"
            ),
        ]


class CohortNotice(models.Model):
    """That an agency is told to mark its own files, or to take the mark off, until it says that it has."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    entry = models.ForeignKey(CohortEntry, on_delete=models.CASCADE, related_name="notices")
    forum = models.CharField(max_length=60)
    agency = models.CharField(max_length=60)
    says = models.CharField(max_length=10)
    made_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["forum", "agency"], name="cohort_notice", condition=Q(done_at=None))]
        constraints = [
            models.CheckConstraint(condition=Q(says__in=["mark", "unmark"]), name="cohort_notice_says"),
            models.UniqueConstraint(fields=["entry", "agency", "says"], name="cohort_notice_once"),
        ]


class Question(models.Model):
    """What somebody asked a board that sits in public. Nothing tells who. Until it is read by the board's coordinator
    nobody else reads it; declined, its words are gone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.CharField(max_length=60)
    board = models.CharField(max_length=60)
    reference = models.CharField(max_length=12)
    text = models.TextField(blank=True)
    asked_on = models.DateField()
    state = models.CharField(max_length=20, default=QUESTION.initial)
    version = models.PositiveIntegerField(default=1)
    answer = models.TextField(blank=True)
    declined_why = models.CharField(max_length=40, blank=True)
    item = models.OneToOneField(
        "panels.Item", null=True, blank=True, on_delete=models.SET_NULL, related_name="question"
    )
    moderated_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    answered_on = models.DateField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["board", "state", "-asked_on"], name="question_log")]
        constraints = [
            models.UniqueConstraint(fields=["reference"], name="question_reference"),
            models.CheckConstraint(condition=Q(state__in=list(QUESTION.states)), name="question_state_known"),
            models.CheckConstraint(
                condition=Q(state="declined", text="", answer="") & ~Q(declined_why="")
                | ~Q(state="declined") & ~Q(text=""),
                name="question_declined_leaves_no_words",
            ),
            models.CheckConstraint(
                condition=Q(state="answered", answered_on__isnull=False) & ~Q(answer="")
                | ~Q(state="answered") & Q(answer=""),
                name="question_answered_whole",
            ),
        ]


class Pack(models.Model):
    """Figures put before one meeting, as they were when it sat. `content` is what was released, with its codes, and the
    forum's own counts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey("panels.Meeting", on_delete=models.CASCADE, related_name="packs")
    forum = models.CharField(max_length=60)
    number = models.PositiveSmallIntegerField()
    publication = models.CharField(max_length=60)
    state = models.CharField(max_length=20, default=PACK.initial)
    asked_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    approved_by = models.CharField(max_length=120, blank=True)
    made_at = models.DateTimeField(null=True, blank=True)
    content = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, blank=True)
    trouble = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["meeting", "number"], name="pack_numbered"),
            models.CheckConstraint(condition=Q(state__in=list(PACK.states)), name="pack_state_known"),
            models.CheckConstraint(
                condition=~Q(state="made") | (Q(made_at__isnull=False) & ~Q(approved_by="") & ~Q(digest="")),
                name="pack_made_whole",
            ),
        ]


class Population(models.Model):
    """How many people a rate is per, as the evidence side released it, with the figure's code. Never typed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.CharField(max_length=60)
    key = models.CharField(max_length=60)
    persons = models.PositiveIntegerField()
    source = models.CharField(max_length=300)
    code = models.CharField(max_length=20)
    brought_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["partnership", "key", "code"], name="population_once_a_figure")]
