"""Meetings, the cases they hear, and what comes of them. Row-level security: a case is there for those it is
shared with, and for nobody who declared a conflict."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from concord.desk.panels.rules import (
    ABOUT_NOBODY,
    ACTION,
    ITEM,
    MEETING,
    NEEDS_REASON,
    PRIOR_CONTACT,
    SUBJECTS,
)


class Meeting(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.CharField(max_length=60)
    forum = models.CharField(max_length=60)
    starts_at = models.DateTimeField()
    cut_off_at = models.DateTimeField()
    place = models.CharField(max_length=120)
    hears = models.CharField(max_length=10, default="cases")
    public = models.BooleanField(default=False)
    """Held in public: its agenda and its decisions may be read by anybody."""
    state = models.CharField(max_length=20, default=MEETING.initial)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [
            models.Index(fields=["forum", "-starts_at"], name="meeting_forum"),
            models.Index(
                fields=["forum", "starts_at"],
                name="meeting_to_come",
                condition=~Q(state__in=["closed", "signed"]),
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(MEETING.states)), name="meeting_state_known"),
            models.CheckConstraint(condition=Q(hears__in=["cases", "papers"]), name="meeting_hears_known"),
            models.CheckConstraint(condition=Q(cut_off_at__lte=F("starts_at")), name="meeting_cut_off_before"),
            models.CheckConstraint(condition=Q(public=False) | Q(hears="papers"), name="meeting_public_hears_papers"),
            models.UniqueConstraint(fields=["partnership", "forum", "starts_at"], name="meeting_once"),
        ]


class Minutes(models.Model):
    """Signed minutes, there only for those who may see every case of the meeting. Never altered: a trigger says no,
    and `digest`, which the trail keeps too, gives away whoever gets round it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.OneToOneField(Meeting, on_delete=models.PROTECT, related_name="minutes")
    text = models.TextField()
    digest = models.CharField(max_length=64, default="")
    """SHA-256 of the text, in hexadecimal."""
    covers = models.JSONField(default=list)
    """The cases that the text tells of: one that the chair who signed does not hear is not among them."""
    signed_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-signed_at"], name="minutes_newest")]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="minutes_say_something")]


class Item(models.Model):
    """A case on an agenda, or a paper on a board's. Heard again, it is listed again, and points back.

    What a board hears is about nobody: a constraint here, and a trigger on the people in it, see to it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.CharField(max_length=60)
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="items")
    contact = models.ForeignKey("referrals.Contact", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    carried_from = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="carried_to"
    )
    kind = models.CharField(max_length=30)
    hears = models.CharField(max_length=10, default="cases")
    subject = models.CharField(max_length=10, default="person")
    whereabouts = models.CharField(max_length=200, blank=True)
    """Of a place or an online space: its address. Of a paper: where it is published."""
    facets = models.JSONField(default=dict)
    # As it was typed before scores were read from `result`. Nothing writes it.
    score = models.PositiveSmallIntegerField(null=True, blank=True)
    result = models.ForeignKey("instruments.Result", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    """The decision on the forum's instrument that its score and factors are read from."""
    reference = models.CharField(max_length=12)
    about = models.CharField(max_length=220)
    reason = models.TextField()
    concern = models.TextField(blank=True)
    repeat = models.BooleanField(default=False)
    minute = models.TextField(blank=True)
    """What was said, written down while it is said. Part of the minutes."""
    minuted_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=20, default=ITEM.initial)
    version = models.PositiveIntegerField(default=1)
    listed_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    listed_at = models.DateTimeField()
    listed_again = models.BooleanField(default=False)
    """Set by a trigger when the hearing after this one is listed."""
    review_on = models.DateField(null=True, blank=True)
    """When the risk is to be judged next, where the forum follows it."""

    class Meta:
        indexes = [
            models.Index(
                fields=["meeting"], name="item_carried", condition=Q(state="carried_over", listed_again=False)
            ),
            models.Index(fields=["review_on"], name="item_review", condition=Q(review_on__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(ITEM.states)), name="item_state_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="item_has_reason"),
            models.CheckConstraint(condition=Q(subject__in=SUBJECTS), name="item_subject_known"),
            models.CheckConstraint(
                condition=Q(hears="cases") | Q(subject__in=ABOUT_NOBODY, contact__isnull=True, repeat=False),
                name="item_of_a_board_is_about_nobody",
            ),
            models.UniqueConstraint(fields=["meeting", "contact"], name="item_contact_once_a_meeting"),
        ]


class Involvement(models.Model):
    """A person's part in a case."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="involved")
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "person", "role"], name="involvement_once")]


class Research(models.Model):
    """What one agency knows, given by it alone. Other agencies read it from `shown_from` on."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="research")
    forum = models.CharField(max_length=60)
    agency = models.CharField(max_length=60)
    text = models.TextField(blank=True)
    nothing_held = models.BooleanField(default=False)
    late = models.BooleanField(default=False)
    shown_from = models.DateTimeField()
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-at"], name="research_newest")]
        constraints = [
            models.UniqueConstraint(fields=["item", "agency"], name="research_once_an_agency"),
            models.CheckConstraint(
                condition=(Q(nothing_held=True) & Q(text="")) | (Q(nothing_held=False) & ~Q(text="")),
                name="research_says_something",
            ),
        ]


class Intelligence(models.Model):
    """What an agency holds and cannot yet prove, apart from its research: some of those who sit never learn that it
    was given. It is not in the minutes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="intelligence")
    agency = models.CharField(max_length=60)
    text = models.TextField()
    shown_from = models.DateTimeField()
    forum = models.CharField(max_length=60)
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "agency"], name="intelligence_once_an_agency"),
            models.CheckConstraint(condition=~Q(text=""), name="intelligence_says_something"),
        ]


class ResearchGiven(models.Model):
    """That an agency has given research, without what it says: the agenda may show this before the cut-off."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="given")
    agency = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "agency"], name="research_given_once")]


class Attendance(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="attendance")
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    agency = models.CharField(max_length=60)
    seat = models.CharField(max_length=60, null=True, blank=True)
    present = models.BooleanField()
    confidentiality_signed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "user"], name="attendance_once")]


class Conflict(models.Model):
    """Somebody who must not hear a case. They no longer see this row either."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="conflicts")
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    why = models.TextField()
    declared_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    declared_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "user"], name="conflict_once")]


class Decision(models.Model):
    """One a case, by a named chair, with a reason."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.OneToOneField(Item, on_delete=models.PROTECT, related_name="decision")
    outcome = models.CharField(max_length=40)
    reason = models.TextField()
    decided_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="decision_has_reason")]


class Action(models.Model):
    """What an agency took on. Its agency keeps seeing it while it is open and the agreement is in force."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.CharField(max_length=60)
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="actions")
    forum = models.CharField(max_length=60)
    agency = models.CharField(max_length=60)
    agreement = models.CharField(max_length=60, default="")
    owner = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    """Who of the agency took it on in the meeting; nobody by name where it is left to the agency."""
    text = models.TextField()
    raised_on = models.DateField()
    due_on = models.DateField()
    status = models.CharField(max_length=30, default=ACTION.initial)
    reason = models.TextField(blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    raised_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [
            models.Index(fields=["agency", "status", "due_on"], name="action_tray"),
            models.Index(fields=["forum", "due_on"], name="action_open", condition=Q(status="open")),
            models.Index(fields=["agency", "-completed_at", "id"], name="action_closed", condition=~Q(status="open")),
            models.Index(fields=["forum", "due_on", "id"], name="action_closed_forum", condition=~Q(status="open")),
            models.Index(fields=["agency", "-raised_on"], name="action_raised", condition=Q(status="open")),
            models.Index(fields=["-completed_at"], name="action_ended", condition=~Q(status="open")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=list(ACTION.states)), name="action_status_known"),
            models.CheckConstraint(condition=Q(due_on__gte=F("raised_on")), name="action_due_after_raised"),
            models.CheckConstraint(condition=~Q(text=""), name="action_says_what"),
            models.CheckConstraint(
                condition=Q(status="open", completed_at__isnull=True)
                | (~Q(status="open") & Q(completed_at__isnull=False, closed_by__isnull=False)),
                name="action_closed_whole",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=list(NEEDS_REASON)) | ~Q(reason=""), name="action_not_done_says_why"
            ),
        ]


class Rating(models.Model):
    """The risk as the panel judged it: at the first decision (month 0), and again some months later."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="ratings")
    month = models.PositiveSmallIntegerField()
    level = models.CharField(max_length=40)
    reason = models.TextField()
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "month"], name="rating_once_a_month"),
            models.CheckConstraint(condition=~Q(reason=""), name="rating_has_reason"),
        ]


class HandOff(models.Model):
    """That a forum raised somebody's hand-off: once in each forum, so that none learns from the other's silence. The
    agency that takes it over is shown those of one purpose as one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.CharField(max_length=60)
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=60)
    forum = models.CharField(max_length=60, default="")
    action = models.OneToOneField(Action, on_delete=models.PROTECT, related_name="hand_off")
    raised_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "forum"], name="hand_off_once_a_forum")]


class Transfer(models.Model):
    """A case that another area's forum passed to this one, or this one to it, by the secure route outside Concord."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.OneToOneField(Item, on_delete=models.CASCADE, related_name="transfer")
    direction = models.CharField(max_length=3)
    area = models.CharField(max_length=120)
    sent_on = models.DateField()
    confirmed_on = models.DateField(null=True, blank=True)
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(direction__in=["in", "out"]), name="transfer_direction_known"),
            models.CheckConstraint(condition=~Q(area=""), name="transfer_says_where"),
            models.CheckConstraint(
                condition=Q(confirmed_on__isnull=True) | Q(confirmed_on__gte=F("sent_on")),
                name="transfer_confirmed_after_sent",
            ),
        ]


class PriorContact(models.Model):
    """Whether the person at risk was spoken with before the meeting, by the one body that may, and what they want."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.OneToOneField(Item, on_delete=models.CASCADE, related_name="prior_contact")
    agency = models.CharField(max_length=60)
    outcome = models.CharField(max_length=20)
    text = models.TextField(blank=True)
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=list(PRIOR_CONTACT)), name="prior_contact_known"),
            models.CheckConstraint(
                condition=~Q(outcome="reached") | ~Q(text=""), name="prior_contact_says_what_they_want"
            ),
        ]


from concord.desk.panels import standing  # noqa: E402, F401 - rows that stand beside a meeting, for Django to find
