"""What was shared with whom, and who is kept out."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from concord.desk.sharing.rules import LEVELS, SUBJECT_KINDS


class Grant(models.Model):
    """One share of one record with one holder. Row-level security on every personal table reads these rows."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=20)
    subject_id = models.UUIDField()
    holder = models.CharField(max_length=80)
    level = models.CharField(max_length=10)
    purpose = models.CharField(max_length=60)
    gateway = models.CharField(max_length=60)
    agreement = models.CharField(max_length=60)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["subject_id", "subject_kind", "holder"], name="grant_subject")]
        constraints = [
            models.CheckConstraint(condition=Q(subject_kind__in=SUBJECT_KINDS), name="grant_kind_known"),
            models.CheckConstraint(condition=Q(level__in=LEVELS), name="grant_level_known"),
            models.CheckConstraint(condition=Q(holder__regex=r"^(user|team|forum):.+"), name="grant_holder_shape"),
            models.CheckConstraint(condition=~Q(purpose="") & ~Q(gateway="") & ~Q(agreement=""), name="grant_grounds"),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")), name="grant_ends_after_start"
            ),
        ]


class Exclusion(models.Model):
    """Somebody who must not meet this record: a declared conflict, or a sealed case. For them it is not there."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=20)
    subject_id = models.UUIDField()
    user_id = models.UUIDField()
    declared_by = models.UUIDField()
    declared_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject_kind", "subject_id", "user_id"], name="exclusion_once"),
            models.CheckConstraint(condition=Q(subject_kind__in=SUBJECT_KINDS), name="exclusion_kind_known"),
        ]
