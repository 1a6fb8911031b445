"""Persons and what they are to each other. Row-level security: a row is there only for those it is shared with."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from concord.desk.people.rules import ALIASES, BASES, CORRECTABLE, RELATIONSHIPS, VERDICTS


class Person(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.CharField(max_length=60)
    synthetic = models.BooleanField(default=False)
    given_name = models.CharField(max_length=100, blank=True)
    family_name = models.CharField(max_length=100)
    born_on = models.DateField(null=True, blank=True)
    sex = models.CharField(max_length=1, default="U")
    postcode = models.CharField(max_length=10, blank=True)
    address_area = models.CharField(max_length=20, blank=True)
    safe_contact = models.TextField(blank=True)
    interpreter = models.CharField(max_length=60, blank=True)
    access_needs = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(Upper("family_name"), name="person_family_name"),
            models.Index(fields=["born_on"], name="person_born_on"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(sex__in=["F", "M", "X", "U"]), name="person_sex_known"),
            models.CheckConstraint(condition=~Q(family_name=""), name="person_has_name"),
            models.CheckConstraint(
                condition=Q(synthetic=False) | Q(family_name__contains="SYN"), name="person_synthetic_is_marked"
            ),
        ]


class PersonIdentifier(models.Model):
    """An agency's own number for the person."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="identifiers")
    scheme = models.CharField(max_length=60)
    value = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "scheme", "value"], name="identifier_once")]


class Relationship(models.Model):
    """What one person is to another, who says so and since when."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="relationships")
    other = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    source = models.CharField(max_length=120)
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            # What has ended may begin again, as a row of its own.
            models.UniqueConstraint(
                fields=["person", "other", "kind"], condition=Q(until__isnull=True), name="relationship_once"
            ),
            models.CheckConstraint(
                condition=Q(since__isnull=True) | Q(until__isnull=True) | Q(until__gte=F("since")),
                name="relationship_ends_after_start",
            ),
            models.CheckConstraint(condition=Q(kind__in=RELATIONSHIPS), name="relationship_kind_known"),
            models.CheckConstraint(condition=~Q(person=F("other")), name="relationship_of_two"),
        ]


class Correction(models.Model):
    """One field put right: what it said, what it says, why, by whom. The record keeps its history."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="corrections")
    field = models.CharField(max_length=30)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    reason = models.TextField()
    by = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(field__in=CORRECTABLE), name="correction_field_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="correction_has_reason"),
            models.CheckConstraint(condition=~Q(before=F("after")), name="correction_changes_something"),
        ]


class Alias(models.Model):
    """Another name somebody is or was known by, and who says so."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="aliases")
    kind = models.CharField(max_length=20)
    given_name = models.CharField(max_length=100, blank=True)
    family_name = models.CharField(max_length=100, blank=True)
    source = models.CharField(max_length=120)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "given_name", "family_name"], name="alias_once"),
            models.CheckConstraint(condition=Q(kind__in=ALIASES), name="alias_kind_known"),
            models.CheckConstraint(condition=~Q(given_name="") | ~Q(family_name=""), name="alias_has_name"),
            models.CheckConstraint(condition=~Q(source=""), name="alias_has_source"),
        ]


class Ethnicity(models.Model):
    """What somebody says of themselves, and what somebody else saw: two rows, in a table no search reads."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="ethnicities")
    basis = models.CharField(max_length=20)
    code = models.CharField(max_length=6)
    source = models.CharField(max_length=120)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "basis"], name="ethnicity_once_a_basis"),
            models.CheckConstraint(condition=Q(basis__in=BASES), name="ethnicity_basis_known"),
        ]


class Merge(models.Model):
    """Two records kept as one person, until somebody takes it back. Nothing moves from one record to the other."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.CharField(max_length=60)
    kept = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="merges_kept")
    other = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="merges_under")
    reason = models.TextField()
    by = models.UUIDField()
    at = models.DateTimeField()
    undone_by = models.UUIDField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_why = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(kept=F("other")), name="merge_of_two"),
            models.CheckConstraint(condition=~Q(reason=""), name="merge_has_reason"),
            models.CheckConstraint(
                condition=Q(undone_by__isnull=True, undone_at__isnull=True, undone_why="")
                | (Q(undone_by__isnull=False, undone_at__isnull=False) & ~Q(undone_why="")),
                name="merge_undone_whole",
            ),
        ]


class LinkagePair(models.Model):
    """Two records of agencies that may be one person, handed over for review with the fewest fields that decide it.

    What identifies anybody is taken out when the pair is settled.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.CharField(max_length=60)
    records = models.JSONField()
    shown = models.JSONField(default=list, blank=True)
    why = models.TextField(blank=True)
    probability = models.FloatField(null=True, blank=True)
    state = models.CharField(max_length=12, default="waiting")
    handed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partnership", "records"], name="linkage_pair_once"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "disputed", "settled"]), name="linkage_state_known"
            ),
            models.CheckConstraint(condition=~Q(state="settled") | Q(shown=[]), name="linkage_settled_names_nobody"),
        ]


class LinkageOpinion(models.Model):
    """What one reviewer thinks of a pair: theirs alone until it is taken to the ledger of review."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    pair = models.ForeignKey(LinkagePair, on_delete=models.PROTECT, related_name="opinions")
    reviewer = models.UUIDField()
    username = models.CharField(max_length=60)
    verdict = models.CharField(max_length=12)
    reason = models.CharField(max_length=60)
    at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pair", "reviewer"], condition=Q(taken_at__isnull=True), name="linkage_one_opinion_each"
            ),
            models.CheckConstraint(condition=Q(verdict__in=VERDICTS), name="linkage_verdict_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="linkage_opinion_has_reason"),
        ]
