"""Holds, decisions to erase, certificates of what was erased, and rights requests. None of them names a person."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from concord.desk.records.rules import HOLDABLE, REQUESTS


class Hold(models.Model):
    """Something kept past its time: an inquest, a claim, an inquiry. On a person it holds all that is about them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.CharField(max_length=60)
    kind = models.CharField(max_length=20)
    subject_id = models.UUIDField()
    reason = models.TextField()
    by = models.CharField(max_length=60)
    at = models.DateTimeField()
    lifted_by = models.CharField(max_length=60, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_why = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["subject_id"], name="hold_now", condition=Q(lifted_at__isnull=True))]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=HOLDABLE), name="hold_kind_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="hold_has_reason"),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True) | (~Q(lifted_by="") & ~Q(lifted_why="")), name="hold_lifted_whole"
            ),
        ]


class Approval(models.Model):
    """A named person's decision that these records, past their time, are erased."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.CharField(max_length=60)
    category = models.CharField(max_length=60)
    kind = models.CharField(max_length=20)
    records = ArrayField(models.UUIDField())
    by = models.CharField(max_length=60)
    at = models.DateTimeField()
    carried_out_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(records=[]), name="approval_of_something")]


class ErasureCertificate(models.Model):
    """What was erased, in a chain of hashes. Never altered."""

    number = models.PositiveIntegerField(primary_key=True)
    partnership = models.CharField(max_length=60)
    category = models.CharField(max_length=60)
    decided_by = models.CharField(max_length=60)
    carried_out_at = models.DateTimeField()
    rows = models.JSONField()
    digests = ArrayField(models.CharField(max_length=64))
    previous = models.CharField(max_length=64, blank=True)
    sha256 = models.CharField(max_length=64, unique=True)


class RightsRequest(models.Model):
    """A request about one's own data, with the day it must be answered by."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.CharField(max_length=60)
    kind = models.CharField(max_length=20)
    person_id = models.UUIDField(null=True, blank=True)
    identity = models.TextField()
    received_on = models.DateField()
    due_on = models.DateField()
    entered_by = models.CharField(max_length=60)
    entered_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=list(REQUESTS)), name="request_kind_known"),
            models.CheckConstraint(condition=~Q(identity=""), name="request_identity_checked"),
            models.CheckConstraint(condition=Q(answered_at__isnull=True) | ~Q(note=""), name="request_answer_noted"),
        ]
