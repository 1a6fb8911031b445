"""Serving the site: gunicorn as a child process, watched, stopped with its parent."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from concord.kernel.errors import Environment

HOST = "127.0.0.1"
PATIENCE = 120
"""Seconds that a site may take to answer: a busy machine needs twenty."""


def choose_port(port: int) -> int:
    """`port` if it is free, any free one for 0. Raises Environment when it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as problem:
            raise Environment(
                f"Port {port} is already in use.",
                why="Another program, perhaps another Concord, answers there.",
                next_step=f"Stop that program, or choose another: --port {port + 1}, or --port 0 for any free one.",
            ) from problem
        chosen: int = probe.getsockname()[1]
        return chosen


def django_environment(home: Path, partnership: Path, urls: Mapping[str, str], *, demo: bool) -> dict[str, str]:
    """What a child process needs to be this installation."""
    return {
        **os.environ,
        **urls,
        "CONCORD_HOME": str(home),
        "CONCORD_PARTNERSHIP": str(partnership),
        "CONCORD_DEMO": "1" if demo else "0",
        "DJANGO_SETTINGS_MODULE": "concord.config.settings",
    }


def migrate(environment: Mapping[str, str]) -> None:
    """Bring the tables up to date, signed in as their owner. Raises Environment with the database's words."""
    done = subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--verbosity", "0", "--skip-checks"],
        env={**environment, "CONCORD_DATABASE_ROLE": "owner"},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        # PostgreSQL points at the word it stumbled on with lines of their own: “LINE 10: …” and a “^” below.
        said = [line for line in done.stderr.strip().splitlines() if line.strip(" ^") and not line.startswith("LINE ")]
        raise Environment(
            "The database's tables could not be brought up to date.",
            why=said[-1] if said else "The migration stopped without a word.",
            next_step="Check DATABASE_OWNER_URL, and that the server runs; then run the same command again.",
        )


@contextmanager
def serving(environment: Mapping[str, str], port: int, *, workers: int = 2, threads: int = 4) -> Iterator[str]:
    """The site, answering at the address given. Raises Environment if it does not within `PATIENCE`."""
    command = [sys.executable, "-m", "gunicorn", "concord.config.wsgi", "--bind", f"{HOST}:{port}"]
    command += ["--workers", str(workers), "--threads", str(threads), "--log-level", "warning", "--timeout", "120"]
    # Version 27 opens a control socket in the home folder unless told not to; nothing of ours uses it.
    command += ["--no-control-socket"]
    log = Path(environment["CONCORD_HOME"]) / "site.log"
    with _child(command, environment, log) as child:
        address = f"http://{HOST}:{port}/"
        _wait_until_it_answers(address, child, log)
        yield address


@contextmanager
def working(environment: Mapping[str, str]) -> Iterator[None]:
    """The worker that does scheduled work, beside the site, for as long as the block runs."""
    command = [sys.executable, "-m", "concord.cli", "worker"]
    log = Path(environment["CONCORD_HOME"]) / "worker.log"
    with _child(command, environment, log):
        yield


@contextmanager
def _child(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process of ours with a log of its own, asked to stop at the end of the block, and made to after ten seconds."""
    with log.open("ab") as output:
        # A session of its own, so that Ctrl-C reaches us first and we stop it in order.
        child = subprocess.Popen(command, env=dict(environment), stdout=output, stderr=output, start_new_session=True)
        try:
            yield child
        finally:
            with suppress(ProcessLookupError):
                child.send_signal(signal.SIGTERM)
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def stop_politely() -> None:
    """A request to stop (SIGTERM, a closed terminal) ends the same way as Ctrl-C: everything stopped in order."""

    def stop(_signal: int, _frame: object) -> None:
        raise KeyboardInterrupt

    # Ctrl-C too: a shell that starts us in the background has us ignore it otherwise.
    for request in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(request, stop)


def wait_for_the_end() -> None:
    """Sleep until Ctrl-C or a request to stop."""
    while True:
        signal.pause()


def _wait_until_it_answers(address: str, child: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and child.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=10).close()  # noqa: S310 - our own loopback address
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    said = log.read_text(errors="replace").strip().splitlines()[-5:]
    raise Environment(
        "The site did not start.",
        why=" / ".join(line.strip() for line in said) or "It stopped without a word.",
        next_step=f"Read {log}, put right what it names, and run the same command again.",
    )
