"""Answers that take the same time whatever was found, so that a clock tells nobody what is hidden from them."""

from __future__ import annotations

import time

STEP = 0.1
"""Seconds. An answer leaves at a whole number of these after it was asked for."""


def evenly(began: float) -> None:
    """Wait from now until the next step since `began` (of `time.monotonic`)."""
    time.sleep(left(time.monotonic() - began))


def left(taken: float) -> float:
    """Seconds to wait where `taken` have passed: never less than none, never a whole step more."""
    return -taken % STEP
