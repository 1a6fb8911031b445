"""The registry knows each finding by the name its own module gives it, and imports none before it is asked for."""

import subprocess
import sys

from concord.evidence.findings import _WHERE, FINDINGS


def test_every_name_is_its_modules_own() -> None:
    from importlib import import_module

    for name, (module, _function) in _WHERE.items():
        own = vars(import_module(f"concord.evidence.findings.{module}"))
        assert name in {value for constant, value in own.items() if constant.isupper() and isinstance(value, str)}
        assert callable(FINDINGS[name])


def test_reading_a_release_imports_no_statistics() -> None:
    code = "import sys, concord.evidence.disclosure; sys.exit('scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
