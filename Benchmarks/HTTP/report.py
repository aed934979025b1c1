"""Results as Markdown between two markers of docs/performance.md, and as a bar chart beside it."""

import statistics
from pathlib import Path

from chart import bars

BEGIN, END = "<!-- measured: begin, written by make bench -->", "<!-- measured: end -->"
KEYBEARER_DOES = "hashed keys, expiry, addresses, permission, rate limit, metering"
DOES = {
    "C ceiling": "SHA-256 and a table; a yardstick, not a server",
    "Keybearer authorize": KEYBEARER_DOES,
    "Keybearer verify": KEYBEARER_DOES + "; JSON in and out",
    "Keybearer batch of 100": KEYBEARER_DOES + ", for each of 100 keys",
}
INTRODUCTION = """# Performance

What a verification costs over HTTP, beside programs that also sit in front of somebody's API and look up a key.
`make bench` measures it on your machine; [Benchmarks/README.md](../Benchmarks/README.md) says how and what to make
of it.
"""


def number(value: float, digits: int = 0) -> str:
    return f"{value:,.{digits}f}"


def described(results: dict, name: str) -> str:
    return DOES.get(name) or results["table"]["does"].get(name, "")


def ordered(results: dict) -> list[tuple[str, dict]]:
    rows = results["table"]["rows"]
    return sorted(rows.items(), key=lambda row: -row[1].get("verifications", row[1]["rps"]))


def table_markdown(results: dict) -> str:
    nginx = results["table"]["rows"].get("nginx map")
    lines = ["| | per second | × nginx `map` | CPU µs per request | p99 µs | MiB | what it does |",
             "|---|---:|---:|---:|---:|---:|---|"]
    for name, row in ordered(results):
        rate = row.get("verifications", row["rps"])
        ratio = number(rate / nginx["rps"], 2) if nginx else "–"
        shown = f"**{name}**" if name.startswith("Keybearer") else name
        # A batch is one request of a hundred: its time is shared among them, its p99 is the whole request's.
        cpu = row["cpu_us"] / (100 if "verifications" in row else 1)
        lines.append(f"| {shown} | {number(rate)} | {ratio} | {number(cpu, 1)} | {number(row['p99'])} | "
                     f"{number(row['rss_mib'])} | {described(results, name)} |")
    return "\n".join(lines)


def machine_text(results: dict) -> str:
    machine, versions = results["machine"], results["table"]["versions"]
    kind = "virtual machine" if machine["virtual"] else "machine"
    lines = [f"Measured on {results['date']} on a {kind}: {machine['processor']}, {machine['cores']} cores"
             f"{', SHA instructions' if machine['sha_instructions'] else ', no SHA instructions'}, "
             f"Linux {machine['kernel']}. Keybearer {machine['keybearer']}; "
             + "; ".join(sorted(set(versions.values()))) + f"; C by gcc {machine['gcc']}."]
    pace = results["table"]["pace"]
    lines.append(f"{pace['rounds']} rounds of {pace['seconds']} seconds a row.")
    rows = results["table"]["rows"].values()
    spread = statistics.median(max(row["rps_runs"]) / min(row["rps_runs"]) - 1 for row in rows)
    disturbed = max(row["disturbed"] for row in rows)
    if disturbed > 0.08:
        lines.append(f"**Disturbed**: during some rows other programs, or the host, used {disturbed:.0%} of a core.")
    lines.append(f"Rounds of one row differ by {spread:.0%} at the median. Compare rows of one run, not runs.")
    return " ".join(lines)


def table_section(results: dict) -> list[str]:
    return [
        "![Verifications per second and core](performance.svg)", "",
        machine_text(results), "", table_markdown(results), "",
        "100,000 keys chosen at random, `Authorization: Bearer`, HTTP/1.1 without TLS, 32 keep-alive connections, closed "
        "loop. Each server has one core, the generator the other; they alternate within one run, the figures are medians. "
        "CPU is user and system time of the server, its workers included. Memory is resident memory, of the "
        "workers where a master only starts them. A batch row counts "
        "verifications: its CPU is for one of them, its p99 for the request of 100.", "",
        "The peers answer *known or unknown*, as configured here: they know no permissions, count nothing and limit no key's "
        "rate, and a change of the key list is a reload. Some could do more with more configuration (HAProxy changes maps "
        "through its runtime API, Envoy by xDS, Lua by whatever one writes); that is not measured. What they look up is "
        "the plain text, except where the table says otherwise.", "",
    ]


def latency_section(results: dict) -> list[str]:
    it = results["latency"]
    lines = ["### Latency", "",
             f"Open loop at {number(it['rate'])} requests a second, half of what Keybearer does at most, Poisson arrivals, "
             "measured from when each request was due:", "",
             "| | p50 µs | p99 µs | p99.9 µs | p99.99 µs | the machine stood still, ms |", "|---|---:|---:|---:|---:|---:|"]
    shown = list(it["half"].items()) + [
        (f"Keybearer, {it['tail_seconds']} s", it["quiet_tail"]),
        (f"Keybearer, {it['tail_seconds']} s, keys changing", it["churn_tail"])]
    for name, row in shown:
        paused = f"{row['paused_ms']:.1f}" if row.get("paused_ms", -1) >= 0 else ""
        lines.append(f"| {name} | " + " | ".join(number(row[p]) for p in ("p50", "p99", "p99.9", "p99.99"))
                     + f" | {paused} |")
    lines += ["", f"*Keys changing*: {it['tail_changes']['per_second']:.0f} keys a second created and revoked through the "
              "control plane of the same process (100 were asked for), each in two durable transactions, on the same core. In "
              "the last two rows the generator shares its core with the program that makes the changes. *The machine stood "
              "still*: the longest time by which a thread that goes before all others woke late, on either core, so by the "
              "host's doing; a run with more than 5 ms of it is repeated, twice at most, and the one with the least is shown.", "",
              f"At saturation, {number(it['quiet']['rps'])} requests a second where nothing changes:", "",
              *beside_table(it)]
    rounds = max(len(runs) for runs in it["ratio_runs"].values())
    lines += ["", f"Medians of {rounds} rounds of two seconds, each row between two quiet runs, all repeated where the machine "
              "stood still. The last row is a C program on the server's core that commits the rows of as many changes as the "
              "first and does nothing else.", ""]
    for name, row in (("in the quiet tail", it["quiet_tail"]), ("while keys changed", it["churn_tail"])):
        if row["unavailable"] > 0:
            lines += [f"**{number(row['unavailable'])} requests {name} were answered 503** `unavailable`.", ""]
    return lines


def beside_table(it: dict) -> list[str]:
    lines = ["| beside, a second | did, a second | requests/s | × quiet | half of the rounds |", "|---|---:|---:|---:|---:|"]
    for name, row in it["saturated"].items():
        low, high = it["quarters"][name]
        lines.append(f"| {name} | {number(row['beside'])} | {number(row['rps'])} | {it['ratios'][name]:.2f} | "
                     f"{low:.2f} to {high:.2f} |")
    for name, row in it["saturated"].items():
        if row["unavailable"] > 0:
            lines += ["", f"**{number(row['unavailable'])} requests beside {name} were answered 503** `unavailable`, by the median."]
    return lines


def sizes_section(results: dict) -> list[str]:
    it = results["sizes"]
    lines = ["### Number of keys", "", "The same thousand keys are asked about, in databases of different size:", "",
             "| keys in the database | requests/s | p99 µs | MiB | start to first answer |", "|---:|---:|---:|---:|---:|"]
    for count, row in sorted(it["rows"].items(), key=lambda row: int(row[0])):
        lines.append(f"| {int(count):,} | {number(row['rps'])} | {number(row['p99'])} | {number(row['rss_mib'])} | "
                     f"{number(row['start_seconds'] * 1000)} ms |")
    return [*lines, "", f"Highest and lowest differ by {it['spread']:.0%}. The database's file is in the system's page "
            "cache at start.", ""]


def flood_section(results: dict) -> list[str]:
    lines = ["### A flood of unknown keys", "",
             "Nine in ten requests carry one of a million keys of the right form that do not exist, at saturation. The valid ones are all "
             "those of the small database, and a thousand hot ones of the large one:", "",
             "| keys in the database | all requests/s, quiet | in the flood | valid ones, × their share | MiB before | after |",
             "|---:|---:|---:|---:|---:|---:|"]
    for count, it in sorted((row for row in results["flood"].items() if row[0].isdigit()), key=lambda row: int(row[0])):
        lines.append(f"| {int(count):,} | {number(it['alone']['rps'])} | {number(it['under']['rps'])} | {it['ratio']:.2f} | "
                     f"{number(it['rss_before_mib'])} | {number(it['rss_after_mib'])} |")
    return [*lines, "", "*× their share*: the rate of valid requests, over a tenth of the rate without the flood.", ""]


def cores_section(results: dict) -> list[str]:
    it = results["cores"]
    text = (f"One core {number(it['one']['rps'])} requests a second at {it['one']['cpu_us']:.2f} µs of CPU each, two cores "
            f"{number(it['two']['rps'])} at {it['two']['cpu_us']:.2f} µs. ")
    if it["shared"]:
        text += ("The machine has two cores, so a generator runs on each of them in both cases and takes its part: requests "
                 "a second say little. From the server's CPU for a request, two cores of its own would do "
                 f"{it['ratio']:.2f} × one, by the median of the rounds. That is computed, not observed.")
    else:
        text += f"Two cores do {it['ratio']:.2f} × one; the generators have cores of their own."
    lines = ["### Two cores", "", text, ""]
    if "changing" in it:
        lines += [f"A server that is not held to one core, while keys change; {number(it['changing']['quiet']['rps'])} requests a "
                  "second where nothing does:", "", *beside_table(it["changing"]), ""]
    return lines


def in_process_section(results: dict) -> list[str]:
    it = results["inprocess"]
    return ["### In process", "",
            "Without HTTP, on one thread: the whole verification (checksum, SHA-256, look-up, expiry, address, permission, "
            "rate limit, metering) beside a C program that checks the form and the checksum, hashes and looks up.", "",
            "| | C, ns | Keybearer, ns | ratio |", "|---|---:|---:|---:|",
            f"| 1,000 hot keys | {it['hot_ns']:.0f} | {it['own_hot_ns']:.0f} | {it['hot']:.2f} |",
            f"| 1,000,000 keys at random | {it['cold_ns']:.0f} | {it['own_cold_ns']:.0f} | {it['cold']:.2f} |", "",
            "| Two threads × one | C | C that counts each key's calls | Keybearer | Keybearer, nothing shared |",
            "|---|---:|---:|---:|---:|",
            two_threads("1,000 hot keys", it, "hot"), two_threads("by the processors' time", it, "hot_cpu"),
            two_threads("1,000,000 keys at random", it, "cold"),
            two_threads("by the processors' time", it, "cold_cpu"), "",
            "*Nothing shared*: each thread has half of the keys, in memory of their own.", "",
            f"SHA-256 of 67 bytes alone takes {it['sha256_ns']:.0f} ns; all times are the processor's. A million "
            f"verifications take {it['own_allocations_per_million']:.0f} allocations. A key in memory takes "
            f"{it['own_bytes_per_key']:.0f} bytes of resident memory, {it['own_own_bytes_per_key']:.0f} of them its own "
            "texts and addresses.", ""]


def two_threads(name: str, it: dict, kind: str) -> str:
    keys, _, clock = kind.partition("_")
    end = f"{clock}_ratio" if clock else "ratio"
    figures = [it[f"two_{keys}_{end}"], it[f"two_{keys}_counting_{end}"], it[f"own_two_{keys}_{end}"],
               it[f"own_apart_{keys}_{end}"]]
    return f"| {name} | " + " | ".join(f"{figure:.2f}" for figure in figures) + " |"


def markdown(results: dict) -> str:
    sections = {"table": table_section, "latency": latency_section, "sizes": sizes_section, "flood": flood_section,
                "cores": cores_section, "inprocess": in_process_section}
    lines: list[str] = []
    for name, section in sections.items():
        if name in results:
            lines += section(results)
    return "\n".join(lines)


def write(docs: Path, results: dict) -> None:
    """Replaces what is between the markers; whatever people wrote around them stays."""
    page = docs / "performance.md"
    text = page.read_text() if page.exists() else f"{INTRODUCTION}\n{BEGIN}\n{END}\n"
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise SystemExit(f"bench: {page} needs the markers {BEGIN} and {END}, once each")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n\n{markdown(results)}\n{END}{after}")
    machine = results["machine"]
    rows = [(name, row["rps"], row["cpu_us"]) for name, row in ordered(results) if "verifications" not in row]
    batch = results["table"]["rows"]["Keybearer batch of 100"]["verifications"]
    subtitle = f"{machine['processor']}, {results['date']}; one core each, 32 connections, 100,000 keys"
    note = f"Keybearer in batches of 100: {batch:,.0f} verifications a second"
    (docs / "performance.svg").write_text(bars("Requests per second and core", subtitle, note, rows))
