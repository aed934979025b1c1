#!/usr/bin/env python3
"""Measures Keybearer's verification plane beside its peers on this machine. See Benchmarks/README.md."""

import argparse
import dataclasses
import datetime
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import data
import report
import scenarios
from peers import version_of
from servers import Failed


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def machine() -> dict:
    flags = Path("/proc/cpuinfo").read_text()
    return {
        "processor": processor(), "cores": os.cpu_count(), "sha_instructions": " sha_ni" in flags,
        "virtual": " hypervisor" in flags, "kernel": platform.release(),
        "keybearer": version_of([str(data.PROGRAM), "--version"]),
        "gcc": version_of(["gcc", "-dumpfullversion"]),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="more rounds, 60 s of changes, ten million keys (40 min)")
    parser.add_argument("--only", action="append", choices=list(scenarios.ALL), help="this scenario alone; repeatable")
    parser.add_argument("--rounds", type=int, help="how often each row is measured (3; with --full 7)")
    parser.add_argument("--prepare", action="store_true", help="compile, make keys and databases, and end")
    parser.add_argument("--report", action="store_true", help="only write the report from the last results")
    parser.add_argument("--date", help="of the run, YYYY-MM-DD (today)")
    parser.add_argument("--docs", type=Path, default=data.ROOT / "docs", help="where performance.md and .svg go")
    parser.add_argument("--no-docs", action="store_true", help="leave docs as they are")
    words = parser.parse_args()
    pace = scenarios.FULL if words.full else scenarios.QUICK
    if words.rounds is not None:
        pace = dataclasses.replace(pace, rounds=max(1, words.rounds))
    path = data.BUILD / "results.json"
    results = json.loads(path.read_text()) if path.exists() else {}
    try:
        if not words.report:
            data.BUILD.mkdir(exist_ok=True)
            subprocess.run([str(data.HERE / "prerequisites"), str(data.BUILD / "environment")], check=True)
            measure(words, pace, results, path)
    except (Failed, subprocess.CalledProcessError) as error:
        sys.exit(f"bench: {error}")
    if words.prepare:
        return
    if "table" in results:
        print(report.table_markdown(results))
        if not words.no_docs:
            report.write(words.docs, results)


def measure(words: argparse.Namespace, pace: scenarios.Pace, results: dict, path: Path) -> None:
    if (os.cpu_count() or 1) < 2:
        raise Failed("server and generator need a core each")
    bench = scenarios.Bench(pace)
    if words.prepare:
        for count in (data.KEYS, *pace.sizes):
            data.database(count)
        data.unknown_keys()
        return
    # Two cores against one and the tail take long for what they say: part of a full run, or by name.
    chosen = words.only or (list(scenarios.ALL) if words.full else ["table", "latency", "flood", "inprocess"])
    for name in chosen:
        print(f"{name}: {(scenarios.ALL[name].__doc__ or '').split('.')[0].strip()}", flush=True)
        try:
            result = scenarios.ALL[name](bench)
        finally:
            bench.close()
        result["pace"] = {"rounds": pace.rounds, "seconds": pace.seconds}
        results[name] = result
        results["machine"] = machine()
        results["date"] = words.date or datetime.date.today().isoformat()
        # After each scenario, so that a later one that fails takes nothing away.
        path.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
