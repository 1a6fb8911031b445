"""Entries of registers, and what was done to them. An entry about a person is there for whoever may open the person."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from concord.desk.registers.rules import ENTRY


class Entry(models.Model):
    """One dated line of a register, with an owner. `values` are the fields its file asks for, by key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.CharField(max_length=60)
    register = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    agency = models.CharField(max_length=60)
    dated_on = models.DateField()
    due_on = models.DateField(null=True, blank=True)
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    follows = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="followed_by")
    values = models.JSONField(default=dict)
    state = models.CharField(max_length=10, default="open")
    outcome = models.CharField(max_length=60, blank=True)
    closing_note = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    entered_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [
            models.Index(fields=["partnership", "register", "state", "-dated_on", "id"], name="entry_listed"),
            models.Index(
                fields=["partnership", "register", "due_on"], name="entry_due", condition=Q(state="open")
            ),
            models.Index(fields=["person"], name="entry_person", condition=Q(person__isnull=False)),
            models.Index(fields=["follows"], name="entry_follows", condition=Q(follows__isnull=False)),
        ]  # fmt: skip
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(ENTRY.states)), name="entry_state_known"),
            models.CheckConstraint(condition=~Q(title="") & ~Q(register=""), name="entry_named"),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True, outcome="")
                | (Q(state="closed", closed_at__isnull=False) & ~Q(outcome="") & ~Q(closing_note="")),
                name="entry_closed_whole",
            ),
            models.CheckConstraint(
                condition=Q(due_on__isnull=True) | Q(due_on__gte=models.F("dated_on")), name="entry_due_after"
            ),
        ]


class Change(models.Model):
    """What was done to an entry, by whom, and what it said before. Only ever added to."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="changes")
    version = models.PositiveIntegerField()
    verb = models.CharField(max_length=20)
    reason = models.TextField(blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "version"], name="entry_change_once")]
