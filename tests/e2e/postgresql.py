"""A PostgreSQL server for one test: a cluster of its own in a folder, reached by a socket alone."""

import json
import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile

BINARIES = "/usr/lib/postgresql/*/bin/initdb"  # where Debian puts them, out of the PATH


def server_binaries() -> pathlib.Path:
    found = sorted(pathlib.Path("/").glob(BINARIES.lstrip("/")))
    if not found:
        raise AssertionError(f"expected PostgreSQL at {BINARIES}, found none")
    return found[-1].parent


class PostgreSQL:
    """The server refuses to be root's: then it runs as the user `postgres` of the package."""

    def __init__(self) -> None:
        self._bin = server_binaries()
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="dcm-postgresql-"))
        self._as_user: list[str] = []
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self._folder, user.pw_uid, user.pw_gid)
            ids = ["--reuid", str(user.pw_uid), "--regid", str(user.pw_gid)]
            self._as_user = ["setpriv", *ids, "--clear-groups"]

    def start(self) -> None:
        data = self._folder / "data"
        words = ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]
        self._run("initdb", *words)
        settings = f"-c listen_addresses='' -c fsync=off -k {self._folder}"
        self._run("pg_ctl", "start", "-w", "-D", data, "-o", settings, "-l", self._folder / "log")

    def stop(self) -> None:
        subprocess.run(
            self._command("pg_ctl", "stop", "-m", "immediate", "-D", self._folder / "data"),
            cwd=self._folder,
            capture_output=True,
            check=False,
            timeout=120,
        )
        shutil.rmtree(self._folder, ignore_errors=True)

    def execute(self, script: str) -> str:
        """What psql prints for a script; it stops at the first error."""
        words = ["-h", str(self._folder), "-U", "postgres", "-X", "-q", "-A", "-t"]
        done = subprocess.run(
            [self._bin / "psql", *words, "-v", "ON_ERROR_STOP=1"],
            input=script,
            capture_output=True,
            check=False,
            text=True,
            timeout=120,
        )
        if done.returncode != 0:
            raise AssertionError(f"psql: {done.stderr}\n{script}")
        return done.stdout

    def rows(self, select: str) -> list[dict]:
        told = self.execute(f"SELECT coalesce(json_agg(t), '[]') FROM ({select}) AS t;\n")
        return json.loads(told)

    def _command(self, program: str, *words: object) -> list[str]:
        return [*self._as_user, str(self._bin / program), *map(str, words)]

    def _run(self, program: str, *words: object) -> None:
        done = subprocess.run(
            self._command(program, *words),
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
            timeout=120,
        )
        if done.returncode != 0:
            raise AssertionError(f"{program}: {done.stderr.decode(errors='replace')}")
