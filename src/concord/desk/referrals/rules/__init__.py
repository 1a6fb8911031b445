"""The front door: states, clocks, the repeat rule. Pure: the clock and the pathway are arguments.

This is the room's door: whoever is outside imports from here, never from the modules it gathers.
"""

from concord.desk.referrals.rules.clocks import DAYS, clock_named, due, look_at, working_time
from concord.desk.referrals.rules.extract import AGE_BANDS, age_band
from concord.desk.referrals.rules.moves import NotThatWay, allowed, move, route_for, state_named
from concord.desk.referrals.rules.repeats import Past, RepeatFinding, RepeatMustBeHeard, add_months, is_repeat
from concord.desk.referrals.rules.views import (
    Accepted,
    CheckView,
    ClockView,
    ContactLine,
    ContactPage,
    Earlier,
    PartyDetails,
    PartyView,
    Receipt,
    ReferralStatus,
    SharingNotice,
)

__all__ = [
    "AGE_BANDS",
    "DAYS",
    "Accepted",
    "CheckView",
    "ClockView",
    "ContactLine",
    "ContactPage",
    "Earlier",
    "NotThatWay",
    "PartyDetails",
    "PartyView",
    "Past",
    "Receipt",
    "ReferralStatus",
    "RepeatFinding",
    "RepeatMustBeHeard",
    "SharingNotice",
    "add_months",
    "age_band",
    "allowed",
    "clock_named",
    "due",
    "is_repeat",
    "look_at",
    "move",
    "route_for",
    "state_named",
    "working_time",
]
