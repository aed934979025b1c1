#!/usr/bin/env python3
"""Creates keys and revokes them again through the control plane, so many a second, until standard input ends.

Prints one JSON object: how many, over how many seconds, and the slowest creation and revocation in milliseconds.
"""

import http.client
import json
import os
import sys
import threading
import time

PORT, RATE, TOKEN, ORGANIZATION, PERSON = (
    int(sys.argv[1]), float(sys.argv[2]), os.environ["KEYBEARER_BENCH_TOKEN"], sys.argv[3], sys.argv[4])
THREADS = 4
HEADERS = {
    "Authorization": f"Bearer {TOKEN}", "Keybearer-Organization": ORGANIZATION, "Keybearer-On-Behalf-Of": PERSON,
    "Content-Type": "application/json",
}
ended = threading.Event()
counts: list[int] = [0] * THREADS
slowest: list[float] = [0.0, 0.0]
failures: list[str] = []


def call(connection: http.client.HTTPConnection, path: str, body: dict, expected: int, kind: int) -> dict:
    began = time.monotonic()
    connection.request("POST", path, json.dumps(body), HEADERS)
    answer = connection.getresponse()
    text = answer.read()
    slowest[kind] = max(slowest[kind], time.monotonic() - began)
    if answer.status != expected:
        raise RuntimeError(f"{path}: {answer.status} {text[:300]!r}")
    return json.loads(text)


def work(number: int, began: float) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
    try:
        while not ended.is_set():
            # Each thread has its own share of an even schedule; one that is late catches up.
            due = began + (counts[number] * THREADS + number) / RATE
            if ended.wait(max(0.0, due - time.monotonic())):
                return
            made = call(connection, "/v1/api-keys", {"name": "Churn", "permissions": ["project:deploy"]}, 201, 0)
            call(connection, f"/v1/api-keys/{made['api_key']['id']}/revoke", {}, 200, 1)
            counts[number] += 1
    except (OSError, RuntimeError, http.client.HTTPException) as error:
        failures.append(str(error))
        ended.set()


def main() -> None:
    began = time.monotonic()
    threads = [threading.Thread(target=work, args=(number, began)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    ended.set()
    seconds = time.monotonic() - began
    for thread in threads:
        thread.join()
    print(json.dumps({
        "created_and_revoked": sum(counts), "seconds": seconds, "per_second": sum(counts) / seconds,
        "slowest_create_ms": slowest[0] * 1000, "slowest_revoke_ms": slowest[1] * 1000, "failures": failures}))
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
