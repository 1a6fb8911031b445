"""Wall time, processor time and peak memory of a whole child process."""

from __future__ import annotations

import math
import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """What a process and its children took. `memory` is the largest resident size of any one of them, in bytes."""

    wall: float
    processor: float
    memory: int


def cost_of(command: Sequence[str], given: str = "") -> Cost:
    """Runs a command to its end. Raises RuntimeError, with what it said, where it fails."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stdin is not None and process.stderr is not None
    process.stdin.write(given)
    process.stdin.close()
    said = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command[:4]}… ended with {process.returncode}: {said[-2000:]}")
    return Cost(time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def slope(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """The exponent of cost in size: least squares on logarithms. 1 is proportional."""
    xs, ys = [math.log(s) for s in sizes], [math.log(c) for c in costs]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / sum((a - x) ** 2 for a in xs)
