#!/usr/bin/env python3
"""Three nodes on a PostgreSQL of their own with a synchronous standby: how long a revoke takes beside one commit of that
server, and beside a change that no node has to hear of, with all nodes healthy and with one stopped; and what one node
decides on PostgreSQL beside one on SQLite.

Needs `make build` and PostgreSQL 15 from Debian. Prints Markdown; with --write it goes into docs/scaling.md."""

import contextlib
import ctypes
import ctypes.util
import http.client
import json
import os
import platform
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "Benchmarks" / "HTTP"))
import data  # noqa: E402

PROGRAM = Path(os.environ.get("KEYBEARER_PROGRAM", ROOT / ".build" / "release" / "keybearer"))
POSTGRES = Path("/usr/lib/postgresql/15/bin")
# The account that the server runs under, where this runs as root, must be able to get there.
FOLDER = Path("/tmp/keybearer-bench-cluster")
PORT, LEASE = 19400, 5
PLAN = "{active_keys: 1000000, features: [tenant_api_keys], rate_limit: {requests: 1000000, window_seconds: 60}}"
ROUNDS, BATCH, HOT = 12, 50, 1000


def command(*words: object, server: bool = False) -> list[str]:
    drop = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups"]
    return (drop if server and os.geteuid() == 0 else []) + [str(word) for word in words]


def run(*words: object, server: bool = False) -> str:
    done = subprocess.run(command(*words, server=server), capture_output=True, text=True, check=False, cwd="/")
    if done.returncode != 0:
        sys.exit(f"{words[0]}: {done.stderr or done.stdout}")
    return done.stdout


@contextlib.contextmanager
def database():
    """A server with fsync on and a synchronous standby, as docs/scaling.md asks for."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    folder = FOLDER / "server"
    folder.mkdir(parents=True)
    if os.geteuid() == 0:
        run("chown", "-R", "nobody", folder)
    run(POSTGRES / "initdb", "-D", folder / "data", "-U", "keybearer", "-A", "trust", "-E", "UTF8", server=True)
    psql = [POSTGRES / "psql", "-h", "127.0.0.1", "-p", PORT, "-U", "keybearer", "-qAt", "-d", "postgres", "-c"]
    with contextlib.ExitStack() as stack:
        stack.enter_context(running(folder / "data", PORT))
        run(POSTGRES / "pg_basebackup", "-h", "127.0.0.1", "-p", PORT, "-U", "keybearer", "-D", folder / "standby", "-R",
            server=True)
        stack.enter_context(running(folder / "standby", PORT + 1))
        run(*psql, "ALTER SYSTEM SET synchronous_standby_names = '*'")
        run(*psql, "SELECT pg_reload_conf()")
        for _ in range(200):
            if run(*psql, "SELECT sync_state FROM pg_stat_replication").strip() == "sync":
                break
            time.sleep(0.1)
        run(*psql, "CREATE DATABASE keybearer")
        run(*psql, "CREATE TABLE one_row (n bigint); INSERT INTO one_row VALUES (0)")
        yield


@contextlib.contextmanager
def running(folder: Path, port: int):
    with Path(f"{FOLDER}/{folder.name}.log").open("w") as log:
        server = subprocess.Popen(
            command(POSTGRES / "postgres", "-D", folder, "-k", folder.parent, "-p", port, "-c",
                    "listen_addresses=127.0.0.1", server=True), stdout=log, stderr=log, cwd="/")
    try:
        for _ in range(200):
            if subprocess.run(command(POSTGRES / "pg_isready", "-h", "127.0.0.1", "-p", port),
                              capture_output=True, check=False).returncode == 0:
                break
            time.sleep(0.1)
        yield
    finally:
        server.send_signal(signal.SIGINT)
        server.wait()


class Node:
    """A real program with a configuration of its own."""

    def __init__(self, name: str, number: int, url: str) -> None:
        self.url = url
        self.name, self.control, self.plane = name, PORT + 10 + 2 * number, PORT + 11 + 2 * number
        self.folder, self.connections = FOLDER / name, {}
        self.folder.mkdir(parents=True)
        self.configuration = self.folder / "keybearer.yaml"
        self.configuration.write_text(
            f"control: {{listen: '127.0.0.1:{self.control}', changes_per_second: 1000000}}\n"
            f"verification: {{listen: '127.0.0.1:{self.plane}'}}\n"
            f"cluster: {{node_name: {name}, lease_seconds: {LEASE}}}\n"
            f"database: {{url: '{url}'}}\nplans: {{bench: {PLAN}}}\n")

    def start(self, processors: str) -> None:
        with (self.folder / "log").open("a") as log:
            self.process = subprocess.Popen(
                ["taskset", "-c", processors, str(PROGRAM), "serve", "--config", str(self.configuration)],
                stdout=log, stderr=log)
        for _ in range(400):
            with contextlib.suppress(OSError):
                if self.ask("GET", "/readyz", plane=True)[0] == 200 and self.ask("GET", "/readyz")[0] == 200:
                    return
            time.sleep(0.05)
        sys.exit((self.folder / "log").read_text())

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()

    def ask(self, method: str, path: str, headers: dict | None = None, body: dict | None = None,
            plane: bool = False) -> tuple[int, dict]:
        connection = self.connections.get(plane)
        if connection is None:
            connection = http.client.HTTPConnection("127.0.0.1", self.plane if plane else self.control, timeout=60)
            connection.connect()
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections[plane] = connection
        text = None if body is None else json.dumps(body)
        connection.request(method, path, text, {"Content-Type": "application/json", **(headers or {})})
        answer = connection.getresponse()
        content = answer.read()
        if answer.will_close:
            del self.connections[plane]
        return answer.status, json.loads(content) if content[:1] in b"{[" and content else {}

    def populate(self) -> dict:
        """An organization with an owner; the headers by which its backend acts."""
        token = run(PROGRAM, "operator", "token", "create", "--name", "bench", "--config", self.configuration).strip()
        backend = {"Authorization": f"Bearer {token}"}
        self.ask("PUT", "/v1/operator/organizations/bench", backend, {"name": "Bench", "plan": "bench"})
        self.ask("PUT", f"/v1/operator/organizations/bench/members/{data.PERSON}", backend,
                 {"name": "Bench", "role": "owner"})
        return backend | {"Keybearer-Organization": "bench", "Keybearer-On-Behalf-Of": data.PERSON}

    def key(self, headers: dict) -> tuple[str, str]:
        status, answer = self.ask("POST", "/v1/api-keys", headers, {"name": "b", "permissions": ["project:deploy"]})
        if status != 201:
            sys.exit(f"no key: {status} {answer}")
        return answer["key"], answer["api_key"]["id"]


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


class Paced:
    """A client that commits one row now and then, through libpq: between the revokes, and not in a loop of its own, so
    that what sleeps between two revokes sleeps between two commits as well."""

    def __init__(self) -> None:
        self.library = ctypes.CDLL(ctypes.util.find_library("pq"))
        for name in ("PQconnectdb", "PQexec"):
            getattr(self.library, name).restype = ctypes.c_void_p
        self.connection = ctypes.c_void_p(self.library.PQconnectdb(
            f"host=127.0.0.1 port={PORT} user=keybearer dbname=postgres".encode()))

    def commit(self) -> float:
        """Milliseconds."""
        began = time.perf_counter()
        result = ctypes.c_void_p(self.library.PQexec(self.connection, b"UPDATE one_row SET n = n + 1"))
        taken = (time.perf_counter() - began) * 1000
        if self.library.PQresultStatus(result) != 1:
            sys.exit("a plain commit failed")
        self.library.PQclear(result)
        return taken


def commits(count: int) -> list[float]:
    """Milliseconds of commits that change one row, each on its own, as pgbench sees them."""
    script, prefix = FOLDER / "commit.sql", FOLDER / "commit-log"
    script.write_text("UPDATE one_row SET n = n + 1;\n")
    for old in FOLDER.glob("commit-log*"):
        old.unlink()
    run(POSTGRES / "pgbench", "-h", "127.0.0.1", "-p", PORT, "-U", "keybearer", "-n", "-f", script, "-c", 1, "-t",
        count, "-l", "--log-prefix", prefix, "postgres")
    lines = next(FOLDER.glob("commit-log*")).read_text().splitlines()
    return [int(line.split()[2]) / 1000 for line in lines]


def revokes(nodes: list[Node], headers: dict, rounds: int) -> tuple[list[float], ...]:
    """Milliseconds of revokes, of changes by the same program that no node has to hear of, of plain commits between the
    revokes, and of plain commits in a loop."""
    taken, quiet, between, plain = [], [], [], []
    paced = Paced()
    for number in range(rounds):
        for place in range(BATCH):
            began = time.perf_counter()
            status, answer = nodes[place % len(nodes)].ask(
                "POST", "/v1/invitations", headers, {"email": f"n{number}-{place}@bench.example", "role": "member"})
            quiet.append((time.perf_counter() - began) * 1000)
            if status != 201:
                sys.exit(f"no invitation: {status} {answer}")
        keys = [nodes[0].key(headers) for _ in range(BATCH)]
        for key, _ in keys:
            for node in nodes:
                node.ask("POST", "/v1/verify", body={"key": key}, plane=True)
        for place, (key, identity) in enumerate(keys):
            node = nodes[place % len(nodes)]
            began = time.perf_counter()
            status, answer = node.ask("POST", f"/v1/api-keys/{identity}/revoke", headers, {})
            taken.append((time.perf_counter() - began) * 1000)
            if status != 200 or answer["revocation"]["completed_by"] != "acknowledgement":
                sys.exit(f"a revoke was not acknowledged: {status} {answer}")
            for other in nodes:
                if other.ask("POST", "/v1/verify", body={"key": key}, plane=True)[1]["code"] != "revoked":
                    sys.exit("a revoked key was not refused")
            between.append(paced.commit())
        plain += commits(BATCH)
        print(f"  revokes {number + 1}/{rounds}", file=sys.stderr, flush=True)
    return taken, quiet, between, plain


def stopped(nodes: list[Node], headers: dict) -> float:
    """Seconds that a revoke takes while a node is stopped."""
    key, identity = nodes[0].key(headers)
    for node in nodes:
        node.ask("POST", "/v1/verify", body={"key": key}, plane=True)
    nodes[2].process.send_signal(signal.SIGSTOP)
    began = time.perf_counter()
    status, answer = nodes[0].ask("POST", f"/v1/api-keys/{identity}/revoke", headers, {})
    taken = time.perf_counter() - began
    nodes[2].process.send_signal(signal.SIGCONT)
    if status != 200 or answer["revocation"]["unreachable"] != [nodes[2].name]:
        sys.exit(f"the stopped node was not named: {answer}")
    return taken


def throughput(shared: Node, alone: Node, generator: Path, keys: dict[str, Path]) -> dict[str, list[float]]:
    rates: dict[str, list[float]] = {shared.name: [], alone.name: []}
    for number in range(5):
        for node in [shared, alone] if number % 2 == 0 else [alone, shared]:
            done = json.loads(run("taskset", "-c", "1", generator, "--to", f"127.0.0.1:{node.plane}", "--keys",
                                  keys[node.name], "--seconds", 3, "--warmup", 1))
            rates[node.name].append(done["rps"])
        print(f"  throughput {number + 1}/5", file=sys.stderr, flush=True)
    return rates


def main() -> None:
    generator = data.compile_programs()["load"]
    with contextlib.ExitStack() as stack:
        stack.enter_context(database())
        nodes = [Node(f"node-{n}", n, f"postgres://keybearer@127.0.0.1:{PORT}/keybearer") for n in range(3)]
        for node in nodes:
            node.start("0,1")
            stack.callback(node.stop)
        headers = nodes[0].populate()
        taken, quiet, between, plain = revokes(nodes, headers, ROUNDS)
        waited = stopped(nodes, headers)
        for node in nodes:
            node.stop()
        # Beside each other on one core, each as the only node of its database.
        one, alone = (Node("one", 3, nodes[0].url), Node("sqlite", 4, "sqlite:./keybearer.sqlite"))
        for node in (one, alone):
            node.start("0")
            stack.callback(node.stop)
        keys = {}
        for node, acting in ((one, headers), (alone, alone.populate())):
            keys[node.name] = FOLDER / f"keys-{node.name}.txt"
            keys[node.name].write_text("".join(node.key(acting)[0] + "\n" for _ in range(HOT)))
        rates = throughput(one, alone, generator, keys)
    p50, p99 = percentile(taken, 0.5), percentile(taken, 0.99)
    c50, q50 = percentile(plain, 0.5), percentile(quiet, 0.5)
    b50 = percentile(between, 0.5)
    fast, base = (statistics.median(rates[name]) for name in ("one", "sqlite"))
    text = "\n".join([
        f"Measured on {time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, Linux {platform.release()}, PostgreSQL "
        f"{run(POSTGRES / 'postgres', '--version').split()[2]} with `fsync` on and a synchronous standby, everything on "
        f"one machine; load of the machine at the end {os.getloadavg()[0]:.1f}.", "",
        "| | measured | beside | ratio |", "|---|---:|---:|---:|",
        f"| a revoke on 3 healthy nodes, p50 of {len(taken)} | {p50:.1f} ms | a change of the same program that no node "
        f"has to hear of, p50: {q50:.1f} ms | {p50 / q50:.1f} |",
        f"| | | a commit of one row between the revokes, p50: {b50:.2f} ms | {p50 / b50:.1f} |",
        f"| | | a commit of one row by `pgbench` in a loop, p50: {c50:.2f} ms | {p50 / c50:.1f} |",
        f"| the same, p99 | {p99:.1f} ms | that change, p50: {q50:.1f} ms; p99: {percentile(quiet, 0.99):.1f} ms | "
        f"{p99 / q50:.1f}; {p99 / percentile(quiet, 0.99):.1f} |",
        f"| | | a commit between the revokes, p50: {b50:.2f} ms; p99: {percentile(between, 0.99):.2f} ms | "
        f"{p99 / b50:.1f}; {p99 / percentile(between, 0.99):.1f} |",
        f"| | | a commit in a loop, p50: {c50:.2f} ms; p99: {percentile(plain, 0.99):.2f} ms | "
        f"{p99 / c50:.1f}; {p99 / percentile(plain, 0.99):.1f} |",
        f"| a revoke with one node stopped | {waited:.2f} s | `lease_seconds`: {LEASE} s | |",
        f"| verifications a second of {HOT:,} hot keys on PostgreSQL, one core | {fast:,.0f} | on SQLite: {base:,.0f} | "
        f"{fast / base:.2f} |"])
    print(text)
    if "--write" in sys.argv:
        page = ROOT / "docs" / "scaling.md"
        begin, end = "<!-- measured: begin, written by make bench-cluster -->\n", "<!-- measured: end -->"
        page.write_text(re.sub(re.escape(begin) + ".*?" + re.escape(end), lambda _: begin + text + "\n" + end,
                               page.read_text(), flags=re.S))


if __name__ == "__main__":
    main()
