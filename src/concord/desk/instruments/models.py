"""Instruments as they were when somebody was assessed, the assessments, every change of an answer, every decision."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from concord.desk.instruments.rules import ASSESSMENT, WAYS


class Version(models.Model):
    """An instrument as it stood, whole, with the wording loaded then: answers keep the questions they were given to."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.CharField(max_length=60)
    key = models.CharField(max_length=60)
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    wording = models.CharField(max_length=64, blank=True)
    definition = models.JSONField()
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partnership", "key", "number", "wording"], name="version_once"),
        ]


class Assessment(models.Model):
    """One assessment. `answers` is by address (see `rules.scoring`); `revision` rises with every saved change, so that
    nobody overwrites a colleague; `saves` are the identifiers of saved pages, so that a second press changes nothing.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.CharField(max_length=60)
    reference = models.CharField(max_length=12, unique=True)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="assessments")
    instrument = models.CharField(max_length=60)
    state = models.CharField(max_length=20)
    given_name = models.CharField(max_length=100, blank=True)
    family_name = models.CharField(max_length=100)
    born_on = models.DateField(null=True, blank=True)
    person = models.ForeignKey("people.Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # From which referral it was begun, where it was.
    referral = models.ForeignKey(
        "referrals.Referral", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    previous = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=60)
    gateway = models.CharField(max_length=60)
    agreement = models.CharField(max_length=60)
    author = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    agency = models.CharField(max_length=60)
    begun_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    due_on = models.DateField(null=True, blank=True)
    answers = models.JSONField(default=dict)
    kept = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=1)
    saves = ArrayField(models.UUIDField(), default=list, blank=True)
    stopped_because = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["author", "-changed_at"], name="assessment_mine"),
            models.Index(fields=["person", "instrument"], name="assessment_person"),
            models.Index(fields=["born_on", "family_name"], name="assessment_named"),
            models.Index(fields=["state", "due_on"], name="assessment_due"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=sorted(ASSESSMENT.states)), name="assessment_state_known"),
            models.CheckConstraint(condition=~Q(family_name=""), name="assessment_has_name"),
            models.CheckConstraint(
                condition=Q(state="stopped", stopped_because__gt="") | (~Q(state="stopped") & Q(stopped_because="")),
                name="assessment_stopped_says_why",
            ),
        ]


class Change(models.Model):
    """One answer given, changed or taken back, with what stood there before. Never altered."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="changes")
    address = models.CharField(max_length=200)
    before = models.JSONField(null=True)
    after = models.JSONField()
    reason = models.TextField(blank=True)
    revision = models.PositiveIntegerField()
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "revision", "address"], name="change_once"),
        ]


class Opinion(models.Model):
    """What the second agency advises, by a named person, before the decision is made. Never altered."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="opinions")
    level = models.CharField(max_length=60)
    reason = models.TextField()
    revision = models.PositiveIntegerField()
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    agency = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="opinion_has_reason")]


class Judgement(models.Model):
    """A decision by a named person, with the reason, beside what the answers came to then. Never altered.

    `opinion` is the second agency's view it was made with; `differs` where that agency advised another level, and then
    `differs_because` says why it was not followed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="judgements")
    level = models.CharField(max_length=60)
    reason = models.TextField()
    override = models.TextField(blank=True)
    departs = models.BooleanField(default=False)
    opinion = models.ForeignKey(Opinion, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    differs = models.BooleanField(default=False)
    differs_because = models.TextField(blank=True)
    answers = models.JSONField(default=dict)
    kept = models.JSONField()
    revision = models.PositiveIntegerField()
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    agency = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="judgement_has_reason"),
            models.CheckConstraint(condition=Q(departs=False) | ~Q(override=""), name="judgement_departs_with_reason"),
            models.UniqueConstraint(fields=["assessment", "revision"], name="judgement_once"),
            models.CheckConstraint(
                condition=Q(differs=False, differs_because="")
                | (Q(differs=True, opinion__isnull=False) & ~Q(differs_because="")),
                name="judgement_differs_with_reason",
            ),
        ]


class Result(models.Model):
    """What a decision came to, without one answer and without the reason: what a panel may read. Never altered.

    `kept` are the scores, bands and factors then. Whoever may open the assessment, a contact or a case that it was
    enclosed with, or holds it as a status, reads it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.CharField(max_length=60)
    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="results")
    judgement = models.OneToOneField(Judgement, on_delete=models.CASCADE, related_name="result")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    instrument = models.CharField(max_length=60)
    reference = models.CharField(max_length=12)
    about = models.CharField(max_length=220)
    level = models.CharField(max_length=60)
    kept = models.JSONField()
    decided_by = models.CharField(max_length=200)
    agency = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["instrument", "-at"], name="result_newest")]


class Onward(models.Model):
    """What became of one advised route: taken here, taken another way, or not, always with the reason. Never altered;
    the newest line of a route counts. `whole` says whether the answers went too, or the result alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="onward")
    route = models.CharField(max_length=60)
    way = models.CharField(max_length=20)
    reason = models.TextField()
    referral = models.ForeignKey(
        "referrals.Referral", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    forum = models.CharField(max_length=60, blank=True)
    whole = models.BooleanField(default=False)
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    agency = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(way__in=sorted(WAYS)), name="onward_way_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="onward_has_reason"),
            models.CheckConstraint(
                condition=Q(way="referred", referral__isnull=False) | (~Q(way="referred") & Q(referral__isnull=True)),
                name="onward_referred_names_it",
            ),
            models.UniqueConstraint(
                fields=["assessment", "referral"], condition=Q(referral__isnull=False), name="onward_enclosed_once"
            ),
        ]
