"""The web application, for gunicorn or any WSGI server."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "concord.config.settings")
application = get_wsgi_application()


def _warm() -> None:
    """What every request needs and none changes, read before the first one: the partnership's folder, the addresses.

    Then it is set aside from the garbage collector, which else walks all of it again and again in people's requests.
    """
    from django.urls import reverse

    from concord.desk.accounts import queries

    queries.roles()
    reverse("today")
    gc.collect()
    gc.freeze()


_warm()
