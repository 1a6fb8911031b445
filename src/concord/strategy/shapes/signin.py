"""How people sign in: limits on failures, length of a session, rules for a password. One file, `signin.toml`."""

from __future__ import annotations

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from concord.strategy.shapes.common import FORBID, Common


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Failures:
    """A name is locked for `locked_minutes` after `attempts` failures within `within_minutes`."""

    attempts: int = Field(gt=0)
    within_minutes: int = Field(gt=0)
    locked_minutes: int = Field(gt=0)


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Session:
    """A session ends after `idle_minutes` without a page, warned of `warn_minutes` before, and after `most_hours`
    whatever happens."""

    idle_minutes: int = Field(gt=0)
    warn_minutes: int = Field(gt=0)
    most_hours: int = Field(gt=0, le=24)

    @model_validator(mode="after")
    def _warns_before_it_ends(self) -> Session:
        if self.warn_minutes >= self.idle_minutes:
            raise ValueError(f"warn_minutes ({self.warn_minutes}) is not less than idle_minutes ({self.idle_minutes})")
        return self


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Password:
    """At least `least_characters`; common ones are refused where `refuse_common`, and those like one's own name where
    `refuse_own_name`. The link by which one is set holds for `link_days`."""

    least_characters: int = Field(ge=8)
    refuse_common: bool
    refuse_own_name: bool
    link_days: int = Field(gt=0, le=30)


@dataclass(frozen=True, config=FORBID, kw_only=True)
class SignIn(Common):
    failures: Failures
    session: Session
    password: Password


SHAPE = SignIn
