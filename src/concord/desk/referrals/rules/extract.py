"""What the desk's own extract says instead of an age."""

from __future__ import annotations

AGE_BANDS = ((0, 9, "0-9"), (10, 17, "10-17"), (18, 24, "18-24"), (25, 39, "25-39"), (40, 64, "40-64"))


def age_band(age: int | None) -> str:
    """The band that partners' extracts use; blank for an unknown age."""
    if age is None:
        return ""
    return next((name for low, high, name in AGE_BANDS if low <= age <= high), "65+")
