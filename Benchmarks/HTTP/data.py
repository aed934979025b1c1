"""What a run needs before it starts, kept in .build-bench: programs, keys, databases."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import seed as seeding
from servers import Failed

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = ROOT / ".build-bench"
PROGRAM = ROOT / ".build" / "release" / "keybearer"
IN_PROCESS = ROOT / ".build-room" / "release" / "keybearer-bench"
KEYS, HOT, UNKNOWN = 100_000, 1_000, 1_000_000
PERSON = "bench@example.com"
CONTROL_PORT, PLANE_PORT, CEILING_PORT, PEER_PORT = 19180, 19181, 19182, 19190
# Not -march=native: AVX beside the SHA instructions, which are encoded the old way, costs a microsecond a key.
FLAGS = ["-O3", "-std=gnu11", "-Wall", "-Wextra"]


@dataclass
class Database:
    count: int
    folder: Path
    control_port: int
    plane_port: int

    @property
    def configuration(self) -> Path:
        return self.folder / "keybearer.yaml"

    @property
    def command(self) -> list[str]:
        return [str(PROGRAM), "serve", "--config", str(self.configuration)]


def run(command: list[str], what: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise Failed(f"{what}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def compile_programs() -> dict[str, Path]:
    """The C programs; made again when any of their sources is newer."""
    BUILD.mkdir(exist_ok=True)
    newest = max(file.stat().st_mtime for file in HERE.glob("*.[ch]"))
    programs = {}
    for name in ("load", "ceiling", "inprocess", "commits", "churn", "pauses"):
        programs[name] = BUILD / name
        if not programs[name].exists() or programs[name].stat().st_mtime < newest:
            libraries = ["-lm", "-pthread", "-lsqlite3"]
            run(["gcc", *FLAGS, "-o", str(programs[name]), str(HERE / f"{name}.c"), *libraries], f"gcc {name}.c")
    return programs


def key_file(count: int, seed: int = 1) -> Path:
    path = BUILD / f"keys-{count}-{seed}.txt"
    if not path.exists():
        part = path.with_suffix(".part")
        seeding.write_texts(part, seed, count)
        part.rename(path)
    return path


def copy_of(made: Database) -> Path:
    """The database's file once more, to write into beside the server; none may run while it is copied."""
    path = BUILD / "copy.sqlite"
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    shutil.copyfile(made.folder / "data" / "keybearer.sqlite", path)
    return path


def unknown_keys() -> Path:
    """Keys of the right form that no database here has."""
    return key_file(UNKNOWN, seed=2)


def database(count: int) -> Database:
    """An organization of the program's own making and `count` keys in it; kept from one run to the next."""
    order = [1_000, KEYS, 1_000_000, 10_000_000].index(count)
    folder = BUILD / f"database-{count}"
    made = Database(count, folder, CONTROL_PORT + 20 + 2 * order, PLANE_PORT + 20 + 2 * order)
    if not PROGRAM.exists():
        raise Failed(f"{PROGRAM} is missing: make build")
    if (folder / "filled").exists():
        return made
    print(f"  filling a database with {count:,} keys", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    # A limit that nobody reaches: every request passes the limiter, and none is refused by it.
    made.configuration.write_text(
        f"control:\n  listen: 127.0.0.1:{made.control_port}\n  changes_per_second: 1000000\n"
        f"verification:\n  listen: 127.0.0.1:{made.plane_port}\n"
        f"database:\n  url: sqlite:./data/keybearer.sqlite\n"
        "plans:\n  bench:\n    active_keys: unlimited\n    features: [tenant_api_keys]\n"
        "    rate_limit: {requests: 1000000000, window_seconds: 1}\n")
    configuration = ["--config", str(made.configuration)]
    run([str(PROGRAM), "user", "create", PERSON, "--name", "Bench", *configuration], "user create")
    run([str(PROGRAM), "organization", "create", "bench", "--name", "Bench", "--plan", "bench", "--owner", PERSON,
         *configuration], "organization create")
    seeding.insert(folder / "data" / "keybearer.sqlite", 1, count, "bench", "project:deploy")
    token = run([str(PROGRAM), "operator", "token", "create", "--name", "bench", *configuration], "operator token")
    (folder / "operator-token").write_text(next(word for word in token.split() if word.startswith("kbo_")))
    (folder / "operator-token").chmod(0o600)
    (folder / "filled").touch()
    return made
