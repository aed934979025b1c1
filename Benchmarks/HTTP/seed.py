#!/usr/bin/env python3
"""Makes deterministic keys: their texts into a file, their rows straight into a Keybearer database.

The rows are what the program itself would write for a key without address list, expiry and labels. They bypass the
one door of every write, so there is no audit event of them: for benchmarks only, never beside a running server.
"""

import argparse
import hashlib
import itertools
import sqlite3
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

MASK = 2**64 - 1
CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
THREE = ["".join(digits) for digits in itertools.product(CROCKFORD, repeat=3)]
# The indexes that a key is not found by while it is verified: made again in one sort when the rows are in.
LATE_INDEXES = ("api_key_list", "api_key_quota", "api_key_creator")


def key_texts(seed: int) -> Iterator[str]:
    """The keys of keys.h's `key_make`: four numbers of splitmix64 give 56 digits, CRC-32 the last eight."""
    state = seed
    words = [0, 0, 0, 0]
    while True:
        for index in range(4):
            state = (state + 0x9E3779B97F4A7C15) & MASK
            z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
            z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
            words[index] = z ^ (z >> 31)
        text = "sk_%016x%016x%016x%08x" % (words[0], words[1], words[2], words[3] >> 32)
        yield text + "%08x" % zlib.crc32(text.encode())


def write_texts(path: Path, seed: int, count: int, skip: int = 0) -> None:
    with path.open("w", encoding="ascii") as file:
        file.writelines(text + "\n" for text in itertools.islice(key_texts(seed), skip, skip + count))


def identifier(milliseconds: int) -> str:
    """What the UUIDv7s of one millisecond have in common, as Keybearer writes them; six digits are left to count."""
    clock = "".join(CROCKFORD[milliseconds >> shift & 31] for shift in range(45, -1, -5))
    return f"key_{clock}e008" + "0" * 6


def rows(seed: int, count: int, organization: str, owner: tuple[str, str], permission: str, now: float) -> Iterator[tuple]:
    lead, created = identifier(int(now * 1000)), int(now * 1_000_000)
    sha256 = hashlib.sha256
    for number, text in enumerate(itertools.islice(key_texts(seed), count)):
        yield (
            lead + THREE[number >> 15] + THREE[number & 32767], organization, "Benchmark", sha256(text.encode()).digest(),
            text[:9] + "…" + text[-4:], permission, "", 0, "user", owner[0], owner[1], created,
        )


def insert(database: Path, seed: int, count: int, organization_slug: str, permission: str) -> None:
    db = sqlite3.connect(database, isolation_level=None)
    found = db.execute(
        "SELECT o.id, p.id, p.name FROM organization o JOIN member m ON m.organization_id = o.id AND m.role = 'owner'"
        " JOIN person p ON p.id = m.user_id WHERE o.slug = ? AND o.deleted_at IS NULL", (organization_slug,)).fetchone()
    if found is None:
        sys.exit(f"seed: {database}: no organization {organization_slug} with an owner; make it with the program first")
    # Durable while filling would only be slow: a database that was not filled to its end is made again.
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -4000000", "locking_mode = EXCLUSIVE",
                   "temp_store = FILE", "foreign_keys = OFF"):
        db.execute(f"PRAGMA {pragma}")
    late = {name: db.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (name,)).fetchone() for name in LATE_INDEXES}
    for name in (name for name, sql in late.items() if sql is not None):
        db.execute(f"DROP INDEX {name}")
    db.execute("BEGIN")
    db.executemany(
        "INSERT INTO api_key (id, organization_id, name, digest, preview, permissions, allowed_ips, is_disabled,"
        " creator_kind, creator_id, creator_name, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows(seed, count, found[0], (found[1], found[2]), permission, time.time()))
    db.execute("COMMIT")
    for sql in (sql for sql in late.values() if sql is not None):
        db.execute(sql[0])
    db.execute("PRAGMA journal_mode = WAL")
    db.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, required=True, help="how many keys")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same keys (1)")
    parser.add_argument("--texts", type=Path, help="write the plain texts here, one a line")
    parser.add_argument("--texts-count", type=int, help="only the first so many of them")
    parser.add_argument("--database", type=Path, help="insert into this database; no server may run on it")
    parser.add_argument("--organization", default="bench", help="the slug of an organization that exists (bench)")
    parser.add_argument("--permission", default="project:deploy", help="what each key may do")
    words = parser.parse_args()
    if words.texts is not None:
        write_texts(words.texts, words.seed, min(words.count, words.texts_count or words.count))
    if words.database is not None:
        insert(words.database, words.seed, words.count, words.organization, words.permission)


if __name__ == "__main__":
    main()
