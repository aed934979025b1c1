"""Servers that run while they are measured: started on their cores, watched through /proc, stopped by their id."""

import contextlib
import http.client
import json
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
START_SECONDS = 300


class Failed(Exception):
    """Something that was to be measured did not do what it is measured for."""


@dataclass
class Server:
    name: str
    port: int
    process: subprocess.Popen

    def family(self) -> list[int]:
        """The process and all that descends from it: masters and their workers."""
        parents: dict[int, int] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        members = [self.process.pid]
        for member in members:
            members.extend(child for child, parent in parents.items() if parent == member)
        return members

    def cpu_seconds(self) -> float:
        """User and system time so far, in steps of a hundredth of a second."""
        ticks = 0
        for member in self.family():
            with contextlib.suppress(OSError):
                fields = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
                ticks += int(fields[11]) + int(fields[12])
        return ticks / TICKS

    def resident_mib(self) -> float:
        """Of workers where there are any: a master that only waits shares its pages with them."""
        family = self.family()
        kib = 0
        for member in family[1:] or family:
            with contextlib.suppress(OSError):
                for line in Path(f"/proc/{member}/status").read_text().splitlines():
                    if line.startswith("VmRSS:"):
                        kib += int(line.split()[1])
        return kib / 1024


def answers(port: int, key: str, path: str) -> bool:
    """Whether the server says 200 to this key, asked over a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {key}"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@contextlib.contextmanager
def running(name: str, command: list[str], port: int, cores: str, key: str, path: str, log: Path,
            environment: dict[str, str] | None = None) -> Iterator[tuple[Server, float]]:
    """The server, and the seconds from its start to its first 200."""
    with log.open("w") as output:
        began = time.monotonic()
        process = subprocess.Popen(
            ["taskset", "-c", cores, *command], stdout=output, stderr=output, stdin=subprocess.DEVNULL,
            env={**os.environ, **(environment or {})})
    server = Server(name, port, process)
    try:
        while not answers(port, key, path):
            if process.poll() is not None or time.monotonic() - began > START_SECONDS:
                tail = "\n".join(log.read_text(errors="replace").splitlines()[-5:])
                raise Failed(f"{name} does not answer on port {port}:\n{tail}")
            time.sleep(0.002)
        seconds = time.monotonic() - began
        # Whoever else sits on the port could have answered, and then this one ends soon.
        time.sleep(0.2)
        if process.poll() is not None:
            raise Failed(f"{name} ended at once; does something else use port {port}?")
        yield server, seconds
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def settle(server: Server, seconds: float = 120) -> None:
    """Waits until a server that was just started does nothing more by itself, such as filling its memory."""
    end = time.monotonic() + seconds
    quiet = 0
    while quiet < 2 and time.monotonic() < end:
        before = server.cpu_seconds()
        time.sleep(0.5)
        quiet = quiet + 1 if server.cpu_seconds() - before <= 0.02 else 0


def start_load(generator: Path, core: str, arguments: list[object]) -> subprocess.Popen:
    command = ["taskset", "-c", core, str(generator), *(str(argument) for argument in arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish_load(process: subprocess.Popen) -> dict:
    output, errors = process.communicate()
    if process.returncode != 0:
        raise Failed(f"the generator ended with {process.returncode}: {errors.strip()}\n{output.strip()}")
    return json.loads(output)


def machine_seconds() -> float:
    """What all the cores together have worked so far, and what the host took from them (steal)."""
    fields = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    user, nice, system, _, _, irq, softirq, steal = fields
    return (user + nice + system + irq + softirq + steal) / TICKS


def measure(server: Server, generator: Path, cores: list[str], arguments: list[object], seconds: int,
            warmup: int = 1) -> dict:
    """One run by one generator on each of the cores; what the server used is taken within the measured seconds."""
    shared = ["--to", f"127.0.0.1:{server.port}", "--seconds", seconds, "--warmup", warmup, *arguments]
    processes = [start_load(generator, core, [*shared, "--seed", seed + 1]) for seed, core in enumerate(cores)]
    generators = [Server("generator", 0, process) for process in processes]

    def clocks() -> list[float]:
        own = sum(process.cpu_seconds() for process in generators)
        return [server.cpu_seconds(), own, machine_seconds(), time.monotonic()]

    began = time.monotonic()
    # Well inside the measured time at both ends, so that neither the warm-up nor the end of the run is counted.
    time.sleep(warmup + 0.3)
    first = clocks()
    time.sleep(max(0.0, began + warmup + seconds - 0.2 - time.monotonic()))
    cpu, own, everything, span = (after - before for before, after in zip(first, clocks(), strict=True))
    runs = [finish_load(process) for process in processes]
    rps = sum(run["rps"] for run in runs)
    result = {
        "rps": rps,
        "cpu_us": cpu / span / rps * 1e6 if rps > 0 else 0,
        "cpu_share": cpu / span,
        "disturbed": max(0.0, everything - cpu - own) / span,
        "rss_mib": server.resident_mib(),
        "generator_us": sum(run["cpu_us_per_request"] for run in runs) / len(runs),
    }
    for name in ("p50", "p90", "p99", "p99.9", "p99.99", "max"):
        result[name] = max(run["classes"]["valid"]["latency_us"][name] for run in runs)
    result["unavailable"] = sum(run["classes"]["valid"]["statuses"].get("503", 0) for run in runs)
    result["valid_rps"] = sum(run["classes"]["valid"]["rps"] for run in runs)
    return result
