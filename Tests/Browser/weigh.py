"""The server's time for every page, with 20 keys and with 10,000 of 1,000,000: `make page-times`."""

import http.cookiejar
import re
import statistics
import sys
import time
import urllib.parse
import urllib.request

import pages
import world
from server import PASSWORD, Server

ROUNDS = 21


def fill(server, own, others):
    """`own` more keys for the organization and `others` for another one, written past the API."""
    server.organization("crowd", "A crowd")
    with server.database() as database:
        database.execute("PRAGMA synchronous = OFF")
        model = "FROM api_key k JOIN organization o ON o.slug = '%s', seq WHERE k.name = 'Invoice export'"
        for number, (slug, count) in enumerate([(world.ORGANIZATION, own), ("crowd", others)]):
            if count == 0:
                continue
            database.execute("BEGIN")
            database.execute(
                f"""WITH RECURSIVE seq(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM seq WHERE n < {count})
                INSERT INTO api_key SELECT 'key_' || printf('%026d', n + {number} * 10000000), o.id, 'Bulk ' || (n * 7919 % {count + 1}),
                    randomblob(32), k.pepper_id, k.preview, k.permissions, k.allowed_ips, 0,
                    CASE n % 10 WHEN 0 THEN k.expires_at END, NULL, NULL, 'user', k.creator_id, k.creator_name,
                    k.created_at, NULL, NULL, NULL, NULL, NULL, NULL {model % slug}""")
            database.execute(
                f"""INSERT OR IGNORE INTO key_last_use SELECT k.id, k.organization_id, k.created_at, NULL FROM api_key k
                JOIN organization o ON o.id = k.organization_id WHERE o.slug = '{slug}' AND k.rowid % 2""")
            database.execute("COMMIT")


def measure(own, others):
    with Server() as server:
        keys = pages.people(server, world.fill(server))
        server.organization(world.ORGANIZATION, "Tidewater Tools", "enterprise")
        if own:
            fill(server, own, others)
            server.stop()
            server.start()
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        form = opener.open(server.url + "/sign-in").read().decode()
        token = re.search('name="csrf" value="([0-9a-f]+)"', form)[1]
        send(opener, server, "/sign-in", csrf=token, email=world.OWNER, password=PASSWORD)
        page = opener.open(server.url + "/organizations").read().decode()
        token = re.search('name="csrf" value="([0-9a-f]+)"', page)[1]
        wanted = re.search('name="to" value="(org_[0-9a-z]+)"(?:(?!</form>).)*Tidewater', page, re.S)[1]
        send(opener, server, "/organizations/switch", csrf=token, to=wanted, next="/api-keys")
        times = {}
        for name, template, who in pages.EVERY:
            if who != world.OWNER:
                continue
            address = server.url + pages.path(template, keys)
            rounds = []
            for _ in range(ROUNDS):
                start = time.perf_counter()
                try:
                    opener.open(address).read()
                except urllib.error.HTTPError:
                    pass
                rounds.append(time.perf_counter() - start)
            times[name] = statistics.median(rounds)
        return times


def send(opener, server, path, **fields):
    request = urllib.request.Request(
        server.url + path, data=urllib.parse.urlencode(fields).encode(), headers={"Origin": server.url})
    return opener.open(request).read()


def main():
    own, others = (int(text) for text in (sys.argv[1:] or ["10000", "990000"]))
    few, many = measure(13, 0), measure(own, others)
    worst = 0
    print(f"{'page':20} {'20 keys':>9} {'many':>9} {'ratio':>6}")
    for name, time_few in few.items():
        ratio = many[name] / time_few
        worst = max(worst, ratio)
        print(f"{name:20} {time_few * 1000:7.1f}ms {many[name] * 1000:7.1f}ms {ratio:6.2f}{'  *' if ratio > 2 else ''}")
    return 0 if worst <= 2 else 1


if __name__ == "__main__":
    sys.exit(main())
