"""Settings for a test run: a home of its own, thrown away afterwards, and demo sign-in."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

HOME = tempfile.mkdtemp(prefix="concord-test-")
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
os.environ["CONCORD_HOME"] = HOME
os.environ["CONCORD_DEMO"] = "1"
os.environ["CONCORD_PARTNERSHIP"] = str(Path(__file__).resolve().parents[1] / "partnerships" / "harbourside")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

from concord.config.settings import *  # noqa: E402, F403
