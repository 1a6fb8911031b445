"""How often one connection may try. No address is kept: a count under a mark that nothing can be worked back from, for
an hour, in the database, so that it holds whichever process answers."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone

from concord.desk.accounts import queries as accounts
from concord.desk.referrals import operations
from concord.web.shared import connection

SERVICE = "public_form"


def too_many(request: HttpRequest, what: str, most: int) -> bool:
    """Counts this try, and says whether it is one too many within the hour."""
    return operations.one_try_more(
        viewer=accounts.service(SERVICE),
        what=what,
        connection_from=connection.of(request),
        most=most,
        at=timezone.now(),
    )
