"""People who sign in, and where they sit."""

from __future__ import annotations

import uuid

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from concord.desk.accounts.rules import PARTS


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username=username)


class User(AbstractBaseUser):
    """An account. `roles` are keys of the partnership's roles.toml; a part in a forum is a Membership."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.CharField(max_length=60)
    username = models.CharField(max_length=60, unique=True)
    display_name = models.CharField(max_length=120)
    agency = models.CharField(max_length=60)
    roles = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    referrer_kind = models.CharField(max_length=30, blank=True, default="")
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["display_name", "agency", "partnership"]
    objects = UserManager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(username__regex=r"^[a-z0-9._-]+$"), name="user_username_plain"),
            models.CheckConstraint(condition=~Q(agency=""), name="user_has_agency"),
            models.CheckConstraint(condition=~Q(display_name=""), name="user_has_name"),
        ]

    @property
    def is_active(self) -> bool:  # type: ignore[override]  # Django's name for our column
        return self.active

    def __str__(self) -> str:
        return self.display_name


class Membership(models.Model):
    """A part in a forum. `seat` is the core agency's place that the person fills, if any."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    forum = models.CharField(max_length=60)
    part = models.CharField(max_length=20)
    seat = models.CharField(max_length=60, null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "forum", "part"], name="membership_once"),
            models.CheckConstraint(condition=Q(part__in=PARTS), name="membership_part_known"),
        ]


class SignInGuard(models.Model):
    """How often sign-in under a name failed lately. The name is a digest: also of names nobody has."""

    digest = models.CharField(primary_key=True, max_length=64)
    failures = models.PositiveIntegerField(default=0)
    since = models.DateTimeField()
    locked_until = models.DateTimeField(null=True, blank=True)


class Invitation(models.Model):
    """A link by which somebody sets their password once: on joining, or after losing it. Only its digest is kept."""

    digest = models.CharField(primary_key=True, max_length=64)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    made_by = models.UUIDField()
    ends_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)


class KeptForm(models.Model):
    """A form that was sent, for a second send of it, or that could not be sent. Sealed; found by a digest alone."""

    digest = models.CharField(primary_key=True, max_length=64)
    content = models.CharField(max_length=64)
    sealed = models.TextField()
    at = models.DateTimeField(db_index=True)


class Visit(models.Model):
    """Up to when somebody saw what changed for them. It is theirs on every device."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="+")
    seen_until = models.DateTimeField()
