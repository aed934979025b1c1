"""What is measured. Every scenario alternates what it compares within one run and gives medians over its rounds."""

import contextlib
import json
import os
import re
import statistics
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import data
from peers import Peer, configure
from servers import Failed, Server, finish_load, measure, running, settle, start_load

AUTHORIZE = "/v1/authorize?permission=project:deploy"
SERVER_CORE, LOAD_CORE = "0", "1"
DISTURBED = 0.08  # of a core, used by others than server and generator while they were measured
PAUSED = 5  # milliseconds that the host let the machine stand still
UNKNOWN = -1.0
# A server that refuses because it cannot decide is slow, not wrong: counted, and told in the report.
TOLERANT: list[object] = ["--allow", 503]


@dataclass
class Pace:
    rounds: int
    seconds: int
    long_seconds: int
    # Of rows beside something, two seconds each: a machine changes its pace within seconds, so many short ones tell more
    # than a few long ones.
    short_rounds: int
    sizes: tuple[int, ...]


QUICK = Pace(rounds=3, seconds=2, long_seconds=10, short_rounds=3, sizes=(1_000, 1_000_000))
FULL = Pace(rounds=7, seconds=4, long_seconds=60, short_rounds=7, sizes=(1_000, 1_000_000, 10_000_000))
SHORT_SECONDS = 2


def median_of(runs: list[dict]) -> dict:
    result = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
    result["rps_runs"] = [run["rps"] for run in runs]
    return result


def undisturbed(run: Callable[[], dict], by: str = "disturbed", most: float = DISTURBED) -> dict:
    """Repeats, twice at most, what other programs or the host disturbed; keeps the least disturbed."""
    best = run()
    for _ in range(2):
        if best[by] <= most:
            break
        print(f"  again, {by} {best[by]:.2f}", flush=True)
        best = min(best, run(), key=lambda result: result[by])
    return best


def alternate(rounds: int, measured: dict[str, Callable[[], dict]]) -> dict[str, dict]:
    """Each in turn, the order turned round from one round to the next, so that no row always follows the same other."""
    runs: dict[str, list[dict]] = {name: [] for name in measured}
    for number in range(rounds):
        names = list(measured) if number % 2 == 0 else list(reversed(measured))
        for name in names:
            result = undisturbed(measured[name])
            runs[name].append(result)
            note = f"   others used {result['disturbed']:.0%} of a core" if result["disturbed"] > DISTURBED else ""
            print(f"  {number + 1}/{rounds}  {name:28} {result['rps']:>10,.0f} /s{note}", flush=True)
    return {name: median_of(results) for name, results in runs.items()}


class Bench:
    """The programs, the servers that run, and how long everything takes."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self.programs = data.compile_programs()
        self.keys = data.key_file(data.KEYS)
        self.hot = data.key_file(data.HOT)
        self.stack = contextlib.ExitStack()

    def start(self, name: str, command: list[str], port: int, cores: str = SERVER_CORE, keys: Path | None = None,
              environment: dict[str, str] | None = None, warm: bool = True) -> tuple[Server, float]:
        with (keys or self.keys).open() as file:
            key = file.readline().strip()
        log = data.BUILD / f"{re.sub('[^A-Za-z0-9]+', '-', name)}.log"
        server, seconds = self.stack.enter_context(
            running(name, command, port, cores, key, AUTHORIZE, log, environment))
        if warm:
            settle(server)
        return server, seconds

    def keybearer(self, count: int = data.KEYS, cores: str = SERVER_CORE, warm: bool = True) -> tuple[Server, float]:
        made = data.database(count)
        return self.start(f"keybearer-{count}", made.command, made.plane_port, cores, warm=warm)

    def peer(self, peer: Peer) -> Server:
        return self.start(peer.name, peer.command, peer.port, keys=peer.keys, environment=peer.environment)[0]

    def peers(self) -> list[Peer]:
        return configure(data.BUILD / "peers", self.keys, data.BUILD / "environment", data.PEER_PORT)

    def load(self, server: Server, *arguments: object, keys: Path | None = None, seconds: int | None = None,
             cores: tuple[str, ...] = (LOAD_CORE,)) -> dict:
        words = ["--keys", keys or self.keys, *arguments]
        return measure(server, self.programs["load"], list(cores), words, seconds or self.pace.seconds)

    def unpaused(self, run: Callable[[], dict]) -> dict:
        """Repeats, twice at most, what was measured while the host let the machine stand still; keeps the least of it."""
        def watched() -> dict:
            pauses = Beside([self.programs["pauses"]])
            result = run()
            longest = pauses.end()["longest_ms"]
            return result | {"paused_ms": UNKNOWN if longest is None else longest}
        return undisturbed(watched, "paused_ms", PAUSED)

    def close(self) -> None:
        self.stack.close()
        self.stack = contextlib.ExitStack()


def table(bench: Bench) -> dict:
    """Saturation, one core each, side by side."""
    server, _ = bench.keybearer()
    ceiling, _ = bench.start("ceiling", [str(bench.programs["ceiling"]), str(data.CEILING_PORT), str(bench.keys)],
                             data.CEILING_PORT)
    measured: dict[str, Callable[[], dict]] = {
        "C ceiling": lambda: bench.load(ceiling),
        "Keybearer authorize": lambda: bench.load(server),
        "Keybearer verify": lambda: bench.load(server, "--mode", "verify"),
        "Keybearer batch of 100": lambda: bench.load(server, "--mode", "batch"),
    }
    peers = bench.peers()
    for peer in peers:
        running_peer = bench.peer(peer)
        measured[peer.name] = lambda it=running_peer, keys=peer.keys: bench.load(it, keys=keys)
    rows = alternate(bench.pace.rounds, measured)
    rows["Keybearer batch of 100"]["verifications"] = rows["Keybearer batch of 100"]["rps"] * 100
    return {"rows": rows, "versions": {peer.name: peer.version for peer in peers},
            "does": {peer.name: peer.does for peer in peers}}


def cores(bench: Bench) -> dict:
    """Two loops against one, and two while keys change. With four cores and more the generators have their own; with two they share them, and
    what is compared is the processor time of the server for a request, under a generator on each core both times."""
    made = data.database(data.KEYS)
    shared = (os.cpu_count() or 1) < 4
    generators = ("0", "1") if shared else ("2", "3")
    rows: dict[str, list[dict]] = {"one": [], "two": []}
    for number in range(bench.pace.rounds):
        # One database, so one server at a time.
        for name, mask in (("one", "0"), ("two", "0,1"))[:: 1 if number % 2 == 0 else -1]:
            server, _ = bench.start(f"keybearer-{name}", made.command, made.plane_port, mask)
            rows[name].append(undisturbed(lambda it=server: bench.load(it, cores=generators)))
            print(f"  {number + 1}/{bench.pace.rounds}  {name} core{'s' * (name == 'two'):20} "
                  f"{rows[name][-1]['rps']:>10,.0f} /s {rows[name][-1]['cpu_us']:6.2f} µs", flush=True)
            bench.close()
    # Of each round by itself: between rounds the machine may have become slower.
    pairs = list(zip(rows["one"], rows["two"], strict=True))
    by_cpu = statistics.median(2 * one["cpu_us"] / two["cpu_us"] for one, two in pairs)
    by_clock = statistics.median(two["rps"] / one["rps"] for one, two in pairs)
    server, _ = bench.start("keybearer-two", made.command, made.plane_port, "0,1")
    changing = beside_quiet(bench.pace.short_rounds, quiet_run(bench, server, generators), {
        f"{rate} keys created, revoked": row_beside(
            bench, server, lambda it=rate: churn(bench, made, it, generators[-1]), generators)
        for rate in (100, 50)})
    return {"one": median_of(rows["one"]), "two": median_of(rows["two"]), "shared": shared,
            "ratio": by_cpu if shared else by_clock, "changing": changing}


class Beside:
    """A program that works while something else is measured, until its standard input ends; it prints JSON."""

    def __init__(self, command: list[object], environment: dict[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, **(environment or {})})

    def end(self) -> dict:
        output, _ = self.process.communicate()
        if self.process.returncode != 0:
            raise Failed(f"{self.process.args[-3:]}: {output or self.process.returncode}")
        return json.loads(output)


def churn(bench: Bench, made: data.Database, rate: int, core: str = LOAD_CORE) -> Beside:
    """Keys created and revoked through the control plane, from a generator's core."""
    return Beside(
        ["taskset", "-c", core, bench.programs["churn"], made.control_port, rate, "bench", data.PERSON],
        {"KEYBEARER_BENCH_TOKEN": (made.folder / "operator-token").read_text()})


def latency(bench: Bench) -> dict:
    """Half of the saturation rate beside nginx; then the tail and the throughput while keys come and go."""
    made = data.database(data.KEYS)
    copy = data.copy_of(made)
    server, _ = bench.keybearer()
    nginx = next((peer for peer in bench.peers() if peer.name == "nginx map"), None)
    quick = bench.load(server)
    rate = int(quick["rps"] / 2)
    open_loop: list[object] = ["--rate", rate]
    measured: dict[str, Callable[[], dict]] = {"Keybearer": lambda: bench.load(server, *open_loop)}
    if nginx is not None:
        running_nginx = bench.peer(nginx)
        measured["nginx map"] = lambda: bench.load(running_nginx, *open_loop)
    half = alternate(bench.pace.rounds, measured)

    seconds = bench.pace.long_seconds
    print(f"  {seconds} s quiet, {seconds} s with keys changing", flush=True)

    def tail() -> dict:
        # The generator sleeps between requests here, since the program that changes keys needs its core too.
        return bench.load(server, *open_loop, "--sleep", *TOLERANT, seconds=seconds)

    def changing_tail() -> dict:
        changing = churn(bench, made, 100)
        return tail() | {"changes": changing.end()}

    quiet_tail = bench.unpaused(tail)
    churn_tail = bench.unpaused(changing_tail)

    # The rows of the same changes by SQLite alone, with the priority of the server's threads that change keys.
    alone = ["taskset", "-c", SERVER_CORE, "nice", "-n", "5", bench.programs["commits"], copy, 100]
    saturated = beside_quiet(bench.pace.short_rounds, quiet_run(bench, server), {
        "100 keys created, revoked": row_beside(bench, server, lambda: churn(bench, made, 100)),
        "50 keys created, revoked": row_beside(bench, server, lambda: churn(bench, made, 50)),
        "SQLite alone, 200 commits": row_beside(bench, server, lambda: Beside(alone))})
    return {"rate": rate, "half": half, "tail_seconds": seconds, "quiet_tail": quiet_tail, "churn_tail": churn_tail,
            "tail_changes": churn_tail.pop("changes")} | saturated


def quiet_run(bench: Bench, server: Server, cores: tuple[str, ...] = (LOAD_CORE,)) -> Callable[[], dict]:
    """A short run with nothing beside it."""
    return lambda: bench.unpaused(
        lambda: undisturbed(lambda: bench.load(server, seconds=SHORT_SECONDS, cores=cores)))


def row_beside(bench: Bench, server: Server, start: Callable[[], Beside],
               cores: tuple[str, ...] = (LOAD_CORE,)) -> Callable[[], dict]:
    """A short run beside a program that is started with it."""
    def run() -> dict:
        program = start()
        result = bench.load(server, *TOLERANT, seconds=SHORT_SECONDS, cores=cores)
        # What it used of the machine is no disturbance: it belongs to the row.
        return result | {"beside": program.end()["per_second"], "disturbed": 0.0}
    return lambda: bench.unpaused(run)


def beside_quiet(rounds: int, quiet: Callable[[], dict], rows: dict[str, Callable[[], dict]]) -> dict:
    """Each row between two quiet runs and as a ratio to their mean, since machines change their pace within a minute."""
    runs: dict[str, list[dict]] = {name: [] for name in ("quiet", *rows)}
    ratios: dict[str, list[float]] = {name: [] for name in rows}
    for number in range(rounds):
        before = quiet()
        runs["quiet"].append(before)
        for name in list(rows)[:: 1 if number % 2 == 0 else -1]:
            row, after = rows[name](), quiet()
            runs[name].append(row)
            runs["quiet"].append(after)
            ratios[name].append(2 * row["rps"] / (before["rps"] + after["rps"]))
            print(f"  {number + 1}/{rounds}  {name:28} {row['rps']:>10,.0f} /s  {ratios[name][-1]:.2f} x quiet", flush=True)
            before = after
    medians = {name: median_of(results) for name, results in runs.items()}
    return {"quiet": medians.pop("quiet"), "saturated": medians, "ratio_runs": ratios,
            "ratios": {name: statistics.median(values) for name, values in ratios.items()},
            "quarters": {name: statistics.quantiles(values, n=4)[::2] for name, values in ratios.items()}}


def sizes(bench: Bench) -> dict:
    """The same thousand hot keys, among a thousand, a million and ten million."""
    starts: dict[str, list[float]] = {}
    for count in bench.pace.sizes:
        starts[str(count)] = []
        for _ in range(bench.pace.rounds):
            _, seconds = bench.keybearer(count, warm=False)
            starts[str(count)].append(seconds)
            bench.close()
    servers = {str(count): bench.keybearer(count)[0] for count in bench.pace.sizes}
    rows = alternate(bench.pace.rounds, {
        name: lambda it=server: bench.load(it, keys=bench.hot) for name, server in servers.items()})
    for name, row in rows.items():
        row["start_seconds"] = statistics.median(starts[name])
    rates = [row["rps"] for row in rows.values()]
    return {"rows": rows, "spread": max(rates) / min(rates) - 1}


def flood(bench: Bench) -> dict:
    """Nine in ten requests carry a key of the right form that does not exist."""
    unknown = data.unknown_keys()
    results = {}
    for count in (data.KEYS, bench.pace.sizes[-1]):
        server, _ = bench.keybearer(count)
        # Of a database that memory does not hold, the hot ones: misses of valid keys are another question.
        keys = bench.keys if count == data.KEYS else bench.hot
        mixed: list[object] = ["--other", unknown, "--other-share", 0.9]
        bench.load(server, keys=keys)
        before = server.resident_mib()
        rows = alternate(bench.pace.rounds, {
            "valid keys only": lambda: bench.load(server, keys=keys),
            "nine in ten unknown": lambda: bench.load(server, *mixed, keys=keys)})
        alone, under = rows["valid keys only"], rows["nine in ten unknown"]
        # At equal total load: what a tenth of the requests would be without the flood, against what it is.
        results[str(count)] = {
            "alone": alone, "under": under, "rss_before_mib": before, "rss_after_mib": server.resident_mib(),
            "ratio": under["valid_rps"] / (alone["valid_rps"] / 10)}
        bench.close()
    return results


def in_process(bench: Bench) -> dict:
    """Verification without HTTP, beside a C program that checks the form, hashes and looks up; by turns."""
    runs = max(5, bench.pace.rounds)
    pairs = []
    for _ in range(3):
        yardstick = finish_load(start_load(bench.programs["inprocess"], f"{SERVER_CORE},{LOAD_CORE}", [1, runs]))
        own = subprocess.run([str(data.IN_PROCESS), "--json", "--runs", str(runs)], check=True, capture_output=True)
        pairs.append(yardstick | {f"own_{name}": value for name, value in json.loads(own.stdout).items()})
    result = {name: statistics.median(pair[name] for pair in pairs) for name in pairs[0]}
    return result | {kind: result[f"own_{kind}_ns"] / result[f"{kind}_ns"] for kind in ("hot", "cold")}


ALL: dict[str, Callable[[Bench], dict]] = {
    "table": table, "latency": latency, "sizes": sizes, "flood": flood, "cores": cores, "inprocess": in_process}
