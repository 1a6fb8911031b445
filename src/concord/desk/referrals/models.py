"""What was sent (Referral, Party) and what the receiving team made of it (Contact, Check, Identified, Step, Subject).

They are apart because a referrer may read the first and never the second.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from concord.desk.referrals.rules import LINKS


class Referral(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.CharField(max_length=60)
    reference = models.CharField(max_length=12, unique=True)
    pathway = models.CharField(max_length=60)
    # Nobody, where the report came by a form that needs no account.
    referrer = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    referrer_kind = models.CharField(max_length=30)
    agency = models.CharField(max_length=60)
    ground = models.CharField(max_length=40, blank=True)
    concern = models.TextField()
    incident_on = models.DateField(null=True, blank=True)
    incident_kind = models.CharField(max_length=40, blank=True)
    consent = models.CharField(max_length=20, blank=True)
    safe_contact = models.TextField(blank=True)
    submitted_at = models.DateTimeField()
    told_state = models.CharField(max_length=40)
    told_route = models.CharField(max_length=40, blank=True)
    feedback = models.TextField(blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    """When what the referrer may read last changed."""
    answers = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["referrer", "-submitted_at"], name="referral_mine"),
            models.Index(fields=["referrer", "-told_at"], name="referral_told", condition=Q(told_at__isnull=False)),
        ]
        constraints = [models.CheckConstraint(condition=~Q(concern=""), name="referral_says_why")]


class Party(models.Model):
    """Somebody the referral names, in the referrer's words."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    referral = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="parties")
    position = models.PositiveSmallIntegerField()
    role = models.CharField(max_length=40)
    given_name = models.CharField(max_length=100, blank=True)
    family_name = models.CharField(max_length=100, blank=True)
    born_on = models.DateField(null=True, blank=True)
    sex = models.CharField(max_length=1, default="U")
    postcode = models.CharField(max_length=10, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(sex__in=["F", "M", "X", "U"]), name="party_sex_known"),
            models.UniqueConstraint(fields=["referral", "position"], name="party_position_once"),
        ]


class Contact(models.Model):
    """The receiving team's side. `version` rises with every change, so that nobody overwrites a colleague."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.CharField(max_length=60)
    referral = models.OneToOneField(Referral, on_delete=models.PROTECT, related_name="contact")
    pathway = models.CharField(max_length=60)
    state = models.CharField(max_length=40)
    version = models.PositiveIntegerField(default=1)
    received_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True, blank=True)
    """When what it is about happened, where a clock of its pathway runs from then."""
    due_at = models.DateTimeField()
    rag = models.CharField(max_length=10, blank=True)
    rag_reason = models.TextField(blank=True)
    rag_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    rag_at = models.DateTimeField(null=True, blank=True)
    rag_due_at = models.DateTimeField(null=True, blank=True)
    level = models.PositiveSmallIntegerField(null=True, blank=True)
    route = models.CharField(max_length=40, blank=True)
    rationale = models.TextField(blank=True)
    repeat = models.BooleanField(default=False)
    waits_for = models.CharField(max_length=60, blank=True, default="")
    """The forum that is to list it, until it does: a trigger of the panels clears it."""
    next_due_at = models.DateTimeField(null=True, blank=True)
    """When the first clock runs out: a rating's may come long before the decision's. Empty where none runs."""
    held_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    """Who of the team has it in hand."""
    held_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["pathway", "next_due_at"], name="contact_next", condition=Q(decided_at__isnull=True)),
            models.Index(fields=["pathway", "due_at"], name="contact_open", condition=Q(decided_at__isnull=True)),
            models.Index(fields=["pathway", "-decided_at"], name="contact_decided"),
            models.Index(fields=["-decided_at", "id"], name="contact_newest", condition=Q(decided_at__isnull=False)),
            models.Index(fields=["waits_for", "decided_at"], name="contact_waiting", condition=~Q(waits_for="")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True, route="")
                | (Q(decided_at__isnull=False, decided_by__isnull=False) & ~Q(rationale="")),
                name="contact_decision_whole",
            ),
            models.CheckConstraint(
                condition=Q(rag="", rag_by__isnull=True) | (~Q(rag="") & Q(rag_by__isnull=False) & ~Q(rag_reason="")),
                name="contact_rating_has_person_and_reason",
            ),
            models.CheckConstraint(
                condition=Q(level__isnull=True) | Q(level__range=(1, 4)), name="contact_level_1_to_4"
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True) | Q(decided_at__gte=F("received_at")),
                name="contact_decided_after_receipt",
            ),
        ]


class Check(models.Model):
    """One agency asked: on what basis, what came back. Proportionate, so each question stands alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="checks")
    agency = models.CharField(max_length=60)
    basis = models.TextField()
    question = models.TextField()
    asked_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    outcome = models.CharField(max_length=20, blank=True)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(basis="") & ~Q(question=""), name="check_has_basis"),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, outcome="")
                | Q(answered_at__isnull=False, outcome__in=["information", "nothing_held", "declined"]),
                name="check_answer_whole",
            ),
        ]


class Identified(models.Model):
    """Who somebody the referral names was found to be, by whom."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="identified")
    party = models.OneToOneField(Party, on_delete=models.CASCADE, related_name="identified")
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=40)
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "role"], name="identified_person")]


class Step(models.Model):
    """One step a case took: by whom, when, with which answers. Only ever added to."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="steps")
    verb = models.CharField(max_length=40)
    source = models.CharField(max_length=40)
    target = models.CharField(max_length=40)
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    note = models.TextField(blank=True)
    answers = models.JSONField(default=dict)
    chosen = models.JSONField(default=dict)
    """Of the answers, those picked from a list, by code: what may be counted. Nothing that somebody wrote."""

    class Meta:
        indexes = [models.Index(fields=["contact", "at"], name="step_of_contact")]
        constraints = [models.CheckConstraint(condition=~Q(verb="") & ~Q(target=""), name="step_whole")]


class Awaited(models.Model):
    """A step of a case that should be behind us by a day: a milestone of its pathway.

    `raised_at`: when it was entered that the day was missed, once for each day.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.CharField(max_length=60)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="awaited")
    key = models.CharField(max_length=40)
    due_on = models.DateField()
    done = models.BooleanField(default=False)
    raised_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["due_on"], name="awaited_open", condition=Q(done=False))]
        constraints = [models.UniqueConstraint(fields=["contact", "key"], name="awaited_once")]


class Subject(models.Model):
    """A place, a group of peers or an online space: what a plan is for where it is not for one person."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.CharField(max_length=60)
    kind = models.CharField(max_length=10)
    name = models.CharField(max_length=200)
    where = models.CharField(max_length=200, blank=True)
    # Degrees, WGS 84. Only where somebody said where it is.
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    opened_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["partnership", "kind", "name"], name="subject_by_name")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["place", "group", "online"]), name="subject_kind_known"),
            models.CheckConstraint(condition=~Q(name=""), name="subject_named"),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__range=(49, 61), longitude__range=(-9, 3)),
                name="subject_lies_here",
            ),
        ]


class About(models.Model):
    """Which subject a contact is about, or is linked to as one concern among others. Whoever may open the contact may
    open the subject; whoever may open the subject learns of no contact by it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="about")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="contacts")
    role = models.CharField(max_length=10, default="about")
    source = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_why = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contact", "subject"], name="about_once"),
            models.CheckConstraint(condition=Q(role__in=LINKS), name="about_role_known"),
            models.CheckConstraint(
                condition=Q(role="about") | (~Q(source="") & Q(by__isnull=False, at__isnull=False)),
                name="about_link_says_who",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_why="") | (Q(ended_at__isnull=False) & ~Q(ended_why="")),
                name="about_end_whole",
            ),
        ]


class Plan(models.Model):
    """What is to change at a subject, by when, and what came of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="plans")
    aim = models.TextField()
    agency = models.CharField(max_length=60)
    review_on = models.DateField()
    made_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    result = models.CharField(max_length=20, blank=True)
    result_note = models.TextField(blank=True)
    result_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(aim="") & ~Q(agency=""), name="plan_says_what_and_who"),
            models.CheckConstraint(
                condition=Q(result="", result_at__isnull=True)
                | (Q(result__in=["better", "same", "worse"], result_at__isnull=False) & ~Q(result_note="")),
                name="plan_result_whole",
            ),
        ]


class PlanStep(models.Model):
    """One thing to be done for a plan: by which agency, by when, and whether it was."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="steps")
    text = models.CharField(max_length=300)
    agency = models.CharField(max_length=60)
    due_on = models.DateField()
    status = models.CharField(max_length=10, default="open")
    note = models.CharField(max_length=300, blank=True)
    made_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "agency", "text"], name="plan_step_once"),
            models.CheckConstraint(condition=~Q(text="") & ~Q(agency=""), name="plan_step_says_what_and_who"),
            models.CheckConstraint(
                condition=Q(status="open", closed_at__isnull=True)
                | (Q(status__in=["done", "not_done"], closed_at__isnull=False) & ~Q(note="")),
                name="plan_step_closed_whole",
            ),
        ]


class Kept(models.Model):
    """A form begun without an account. Sealed under its code, which is kept nowhere: only its holder opens it."""

    mark = models.CharField(primary_key=True, max_length=64)
    sealed = models.TextField()
    until = models.DateTimeField()


class Try(models.Model):
    """One try of a form without an account, under a mark that no address can be worked back from. Kept for an hour."""

    id = models.BigAutoField(primary_key=True)
    mark = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["mark", "at"], name="try_mark")]


class Session(models.Model):
    """A patrol or an outreach session in one place: times, how many people were met, what was done. Nobody's name."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.CharField(max_length=60)
    kind = models.CharField(max_length=20)
    place = models.CharField(max_length=120)
    worker = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    team = models.CharField(max_length=60)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    contacts = models.PositiveIntegerField(default=0)
    note = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)
    received_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["worker", "-started_at"], name="session_mine")]
        constraints = [
            models.CheckConstraint(condition=Q(ended_at__gte=F("started_at")), name="session_ends_after_start"),
            models.CheckConstraint(condition=~Q(place=""), name="session_somewhere"),
        ]
