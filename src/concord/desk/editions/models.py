"""Editions, the narrative of their sections in every version, and what people said and decided about them.

Only an edition and a comment ever change, each under its version; everything else is added to. Row-level security:
a draft is there for whoever works on publications, what was given out also for those who read papers."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from concord.desk.editions.rules import COMMENT, EDITION, FIXED


class Edition(models.Model):
    """One edition of one publication. `figures` names the figures it is written against, `frozen` what was settled."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.CharField(max_length=60)
    publication = models.CharField(max_length=80)
    name = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    audience = models.CharField(max_length=60)
    parameters = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=20, default=EDITION.initial)
    version = models.PositiveIntegerField(default=1)
    figures = models.CharField(max_length=64, blank=True, default="")
    frozen = models.CharField(max_length=64, blank=True, default="")
    started_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    asked_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(null=True, blank=True)
    asked_reason = models.TextField(blank=True, default="")
    approved_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_reason = models.TextField(blank=True, default="")
    published_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    ended_reason = models.TextField(blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["partnership", "state", "publication"], name="edition_list")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(EDITION.states)), name="edition_state_known"),
            models.UniqueConstraint(fields=["partnership", "publication", "name"], name="edition_once"),
            models.UniqueConstraint(
                fields=["partnership", "publication", "parameters"],
                condition=Q(state="published"),
                name="edition_one_published",
            ),
            models.CheckConstraint(condition=~Q(name="") & ~Q(title=""), name="edition_has_name"),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("asked_by")), name="edition_two_people"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=list(FIXED))
                | (~Q(frozen="") & ~Q(asked_reason="") & Q(asked_by__isnull=False, asked_at__isnull=False)),
                name="edition_settled_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "published", "superseded"])
                | (~Q(approved_reason="") & Q(approved_by__isnull=False, approved_at__isnull=False)),
                name="edition_approved_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["published", "superseded"])
                | Q(published_by__isnull=False, published_at__isnull=False),
                name="edition_published_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state="withdrawn") | ~Q(ended_reason=""), name="edition_withdrawn_says_why"
            ),
        ]


class Block(models.Model):
    """One version of a section's narrative. Never altered: a change is a further version."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="blocks")
    section = models.CharField(max_length=80)
    number = models.PositiveIntegerField()
    text = models.TextField(blank=True)
    cited = models.JSONField(default=list, blank=True)
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["edition", "section", "number"], name="block_version_once")]


class Comment(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="comments")
    section = models.CharField(max_length=80, blank=True)
    text = models.TextField()
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    state = models.CharField(max_length=20, default=COMMENT.initial)
    answer = models.TextField(blank=True, default="")
    resolved_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    resolved_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(COMMENT.states)), name="comment_state_known"),
            models.CheckConstraint(condition=~Q(text=""), name="comment_says_something"),
            models.CheckConstraint(
                condition=Q(state="open") | (~Q(answer="") & Q(resolved_by__isnull=False, resolved_at__isnull=False)),
                name="comment_resolved_whole",
            ),
        ]


class Seen(models.Model):
    """Somebody looked at a cited figure that prints otherwise than when its block was written."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="seen")
    section = models.CharField(max_length=80)
    citation = models.CharField(max_length=300)
    words = models.TextField()
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()


class Screening(models.Model):
    """A decision under section 8(8). The newest about a subject counts; the older ones stay."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="screenings")
    section = models.CharField(max_length=80)
    subject = models.CharField(max_length=300)
    digest = models.CharField(max_length=64, blank=True)
    withheld = models.BooleanField()
    ground = models.CharField(max_length=60, blank=True)
    reason = models.TextField(blank=True)
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["edition", "section", "subject", "-at"], name="screening_newest")]
        constraints = [
            models.CheckConstraint(
                condition=(Q(withheld=False) & Q(ground="")) | (Q(withheld=True) & ~Q(ground="") & ~Q(reason="")),
                name="screening_withheld_says_why",
            )
        ]


class Change(models.Model):
    """One line of the change log, for those who work on the edition. The audit trail has the same for the auditor."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="changes")
    what = models.CharField(max_length=120)
    section = models.CharField(max_length=80, blank=True)
    reason = models.TextField(blank=True)
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["edition", "-at"], name="change_newest")]
