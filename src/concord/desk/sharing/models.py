"""What was shared with whom, and who is kept out."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from concord.desk.sharing.rules import LEVELS, SENSITIVITIES, SUBJECT_KINDS


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
        indexes = [
            models.Index(fields=["subject_id", "subject_kind", "holder"], name="grant_subject"),
            models.Index(fields=["holder", "subject_kind"], name="grant_holder"),
        ]
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


class Restriction(models.Model):
    """A record kept to the people named: staff and family cases, and sealed ones. Those named alone read this row.

    `keepers` answer for the record where it is held (a forum's coordinators, a team's managers): they lose nothing, and
    nobody is shown who they are.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=20)
    subject_id = models.UUIDField()
    level = models.CharField(max_length=12)
    named = ArrayField(models.UUIDField())
    keepers = ArrayField(models.UUIDField(), default=list, blank=True)
    follows = models.UUIDField(null=True, blank=True)
    """The restriction of the person that this one came with, and is lifted with; none where somebody made it."""
    reason = models.TextField()
    set_by = models.UUIDField()
    set_at = models.DateTimeField()
    lifted_by = models.UUIDField(null=True, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["subject_id", "subject_kind"], name="restriction_now", condition=Q(lifted_at__isnull=True)
            ),
            models.Index(
                fields=["follows"],
                name="restriction_follows",
                condition=Q(lifted_at__isnull=True, follows__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(subject_kind__in=SUBJECT_KINDS), name="restriction_kind_known"),
            models.CheckConstraint(
                condition=Q(level__in=[each for each in SENSITIVITIES if each != "ordinary"]),
                name="restriction_level_known",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="restriction_has_reason"),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="restriction_lifted_whole",
            ),
        ]


class Pointer(models.Model):
    """That a forum hears somebody, for a holder who may know that and no more."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.CharField(max_length=60)
    person_id = models.UUIDField()
    forum = models.CharField(max_length=60)
    holder = models.CharField(max_length=80)
    purpose = models.CharField(max_length=60)
    gateway = models.CharField(max_length=60)
    agreement = models.CharField(max_length=60)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person_id", "holder"], name="pointer_person")]
        constraints = [
            models.CheckConstraint(condition=Q(holder__regex=r"^(user|team|forum):.+"), name="pointer_holder_shape"),
            models.CheckConstraint(
                condition=~Q(purpose="") & ~Q(gateway="") & ~Q(agreement=""), name="pointer_grounds"
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="pointer_ends_after_start"),
        ]


class Emergency(models.Model):
    """One opening of a record that was not shared, and its review. There for its opener and the reviewer alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.CharField(max_length=60)
    user_id = models.UUIDField()
    username = models.CharField(max_length=60)
    agency = models.CharField(max_length=60)
    person_id = models.UUIDField(null=True, blank=True)
    reason = models.TextField()
    purpose = models.CharField(max_length=60)
    gateway = models.CharField(max_length=60)
    agreement = models.CharField(max_length=60)
    opened_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reviewed_by = models.UUIDField(null=True, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    justified = models.BooleanField(null=True, blank=True)
    review_note = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["user_id", "opened_at"], name="emergency_user")]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="emergency_has_reason"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("opened_at")), name="emergency_ends_after_start"),
            models.CheckConstraint(
                condition=Q(reviewed_at__isnull=True, reviewed_by__isnull=True, justified__isnull=True)
                | (
                    Q(reviewed_at__isnull=False, reviewed_by__isnull=False, justified__isnull=False)
                    & ~Q(review_note="")
                ),
                name="emergency_reviewed_whole",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=F("user_id")), name="emergency_second_person"
            ),
        ]
