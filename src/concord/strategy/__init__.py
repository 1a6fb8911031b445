"""Reads a partnership folder into frozen values, or refuses it with every mistake in it."""

from __future__ import annotations

from concord.strategy.check import check_folder
from concord.strategy.loader import Partnership, load
from concord.strategy.problems import BrokenFolder, Problem

__all__ = ["BrokenFolder", "Partnership", "Problem", "check_folder", "load"]
