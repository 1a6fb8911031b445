"""Holds, decisions to erase, certificates, rights requests and what was read for them, the calendar's runs, and the
quarterly review of who keeps their access."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from concord.desk.records.rules import HOLDABLE, REQUEST, REQUESTS, RUNS, VERDICTS


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
    """A request about one's own data, with the day it must be answered by. `persons` are every entry of the register
    that is them; `person_id` the newest of these. Found by a function of the database, never sent by a page."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.CharField(max_length=60)
    kind = models.CharField(max_length=20)
    state = models.CharField(max_length=20, default="received")
    person_id = models.UUIDField(null=True, blank=True)
    persons = ArrayField(models.UUIDField(), default=list, blank=True)
    identity = models.TextField()
    received_on = models.DateField()
    due_on = models.DateField()
    extended_why = models.TextField(blank=True)
    entered_by = models.CharField(max_length=60)
    entered_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=list(REQUESTS)), name="request_kind_known"),
            models.CheckConstraint(condition=Q(state__in=sorted(REQUEST.states)), name="request_state_known"),
            models.CheckConstraint(condition=~Q(identity=""), name="request_identity_checked"),
            models.CheckConstraint(condition=Q(answered_at__isnull=True) | ~Q(note=""), name="request_answer_noted"),
        ]


class Passage(models.Model):
    """What the officer decided about one passage somebody wrote: given, in these words, or withheld, on this ground."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request = models.ForeignKey(RightsRequest, on_delete=models.CASCADE, related_name="passages")
    source = models.CharField(max_length=60)
    field = models.CharField(max_length=40)
    row = models.UUIDField()
    text = models.TextField(blank=True)
    exemption = models.CharField(max_length=40, blank=True)
    why = models.TextField(blank=True)
    by = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "source", "row", "field"], name="passage_once"),
            models.CheckConstraint(
                condition=(Q(exemption="") & ~Q(text="")) | (~Q(exemption="") & Q(text="") & ~Q(why="")),
                name="passage_given_or_withheld_why",
            ),
        ]


class UseRestriction(models.Model):
    """That the use of a person's record, or of one entry about them in a register, is restricted as they asked."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.CharField(max_length=60)
    request = models.ForeignKey(RightsRequest, on_delete=models.CASCADE, related_name="restrictions")
    person_id = models.UUIDField()
    entry_id = models.UUIDField(null=True, blank=True)
    ground = models.CharField(max_length=40)
    reason = models.TextField()
    set_by = models.CharField(max_length=60)
    set_at = models.DateTimeField()
    lifted_by = models.CharField(max_length=60, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_why = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person_id", "entry_id"], condition=Q(lifted_at__isnull=True), nulls_distinct=False,
                name="use_restricted_once",
            ),
            models.CheckConstraint(condition=~Q(ground="") & ~Q(reason=""), name="use_restricted_why"),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True) | (~Q(lifted_by="") & ~Q(lifted_why="")), name="use_lifted_whole"
            ),
        ]  # fmt: skip


class Notice(models.Model):
    """That something a team or forum received was put right, or its use restricted. Read by whoever holds it, until
    somebody marks it read."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.CharField(max_length=60)
    request = models.ForeignKey(RightsRequest, on_delete=models.CASCADE, related_name="notices")
    holder = models.CharField(max_length=80)
    person_id = models.UUIDField()
    field = models.CharField(max_length=40)
    told_at = models.DateTimeField()
    read_by = models.UUIDField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["holder"], name="notice_unread", condition=Q(read_at__isnull=True))]
        constraints = [
            models.CheckConstraint(condition=Q(holder__regex=r"^(user|team|forum):.+"), name="notice_holder_shape"),
            models.CheckConstraint(
                condition=Q(read_at__isnull=True, read_by__isnull=True)
                | Q(read_at__isnull=False, read_by__isnull=False),
                name="notice_read_whole",
            ),
        ]


class Run(models.Model):
    """One time the calendar did a piece of work. Without an end while it runs, or where it was broken off."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.CharField(max_length=60)
    job = models.CharField(max_length=40)
    due_at = models.DateTimeField()
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=12, default="running")
    did = models.JSONField(default=dict, blank=True)
    said = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["job", "-due_at"], name="run_of_job"),
            models.Index(fields=["-began_at"], name="run_newest"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["partnership", "job", "due_at"], condition=Q(state="done"), name="run_done_once"
            ),
            models.UniqueConstraint(
                fields=["partnership", "job"], condition=Q(state="running"), name="run_one_at_a_time"
            ),
            models.CheckConstraint(condition=Q(state__in=sorted(RUNS)), name="run_state_known"),
            models.CheckConstraint(
                condition=Q(state="running", ended_at__isnull=True) | (~Q(state="running") & Q(ended_at__isnull=False)),
                name="run_ended_whole",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("began_at")), name="run_ends_after"
            ),
        ]


class AccessReview(models.Model):
    """Whether somebody keeps what they may do, in one quarter, as said by who answers for it: never oneself."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.CharField(max_length=60)
    quarter = models.CharField(max_length=7)
    user_id = models.UUIDField()
    part = models.CharField(max_length=80)
    verdict = models.CharField(max_length=10)
    why = models.TextField(blank=True)
    by = models.UUIDField()
    by_name = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partnership", "quarter", "user_id", "part"], name="access_reviewed_once"),
            models.CheckConstraint(condition=Q(quarter__regex=r"^\d{4}-Q[1-4]$"), name="access_quarter_shape"),
            models.CheckConstraint(condition=Q(verdict__in=sorted(VERDICTS)), name="access_verdict_known"),
            models.CheckConstraint(condition=~Q(by=F("user_id")), name="access_second_person"),
            models.CheckConstraint(condition=Q(verdict="keep") | ~Q(why=""), name="access_end_says_why"),
        ]
