"""The screens of editions and of the release queue over a real database and a real, small borough's figures."""

from __future__ import annotations

import re
import shutil
from datetime import datetime
from pathlib import Path
from uuid import UUID

import editions_support as support
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from editions_support import MONDAY, SNA

from concord.desk.accounts import queries as accounts
from concord.desk.editions import queries
from concord.evidence.disclosure import queue
from concord.jobs import editions as work

pytestmark = pytest.mark.django_db
MOST_QUERIES = 30
BRACKETS = ("SAVEPOINT", "RELEASE SAVEPOINT", "BEGIN", "COMMIT")
HB = Path("/tmp/editorial/hb")
