from __future__ import annotations

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "concord.desk.records"
    label = "records"
