"""The trail and its chain. Append-only: the database refuses UPDATE, DELETE and TRUNCATE. No foreign keys."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from concord.desk.audit.rules import OPERATIONS, OUTCOMES


class AuditEvent(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.CharField(max_length=60)
    at = models.DateTimeField()
    actor = models.UUIDField()
    username = models.CharField(max_length=60)
    actor_agency = models.CharField(max_length=60)
    roles = models.TextField(blank=True)
    operation = models.CharField(max_length=20)
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=40)
    object_id = models.CharField(max_length=80, blank=True)
    subjects = ArrayField(models.UUIDField(), default=list, blank=True)
    purpose = models.CharField(max_length=60, blank=True)
    reason = models.TextField(blank=True)
    gateway = models.CharField(max_length=120, blank=True)
    agreement = models.CharField(max_length=60, blank=True)
    outcome = models.CharField(max_length=20, default="done")
    request_id = models.CharField(max_length=60, blank=True)
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["object_type", "object_id", "at"], name="audit_object"),
            models.Index(fields=["actor", "at"], name="audit_actor"),
            models.Index(fields=["at"], name="audit_at"),
            GinIndex(fields=["subjects"], name="audit_subjects"),
            models.Index(
                fields=["operation", "-at", "id"], name="audit_operation", condition=~Q(operation="consultation")
            ),
            models.Index(fields=["username", "-at"], name="audit_username"),
            models.Index(fields=["agreement", "-at"], name="audit_agreement", condition=Q(operation="disclosure")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(operation__in=OPERATIONS), name="audit_operation_known"),
            models.CheckConstraint(condition=Q(outcome__in=OUTCOMES), name="audit_outcome_known"),
        ]


class AuditLink(models.Model):
    """One link of the hash chain. Written by the database when the transaction commits."""

    position = models.BigIntegerField(primary_key=True)
    event_id = models.UUIDField(unique=True)
    previous = models.BinaryField()
    hash = models.BinaryField()
