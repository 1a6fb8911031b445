"""Persons and what they are to each other. Row-level security: a row is there only for those it is shared with."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from concord.desk.people.rules import CORRECTABLE, RELATIONSHIPS


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
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "other", "kind"], name="relationship_once"),
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
