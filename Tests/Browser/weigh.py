"""The server's time for every page, with 20 keys and with 10,000 of 1,000,000: `make page-times`."""

import http.cookiejar
import re
import statistics
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import pages
import world
from server import PASSWORD, Server

ROUNDS = 31


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


class Reader:
    """The owner of one server's organization, signed in, who reads its pages."""

    def __init__(self, server, own, others):
        self.server = server
        self.keys = pages.people(server, world.fill(server))
        server.organization(world.ORGANIZATION, "Tidewater Tools", "enterprise")
        fill(server, own, others)
        server.stop()
        server.start()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        self.send("/sign-in", csrf=self.token("/sign-in")[0], email=world.OWNER, password=PASSWORD)
        token, page = self.token("/organizations")
        wanted = re.search('name="to" value="(org_[0-9a-z]+)"(?:(?!</form>).)*Tidewater', page, re.S)[1]
        self.send("/organizations/switch", csrf=token, to=wanted, next="/api-keys")
        self.settle()

    def settle(self):
        """Waits until the server has filled its memory and does nothing by itself any more."""
        def spent():
            fields = open(f"/proc/{self.server.process.pid}/stat", encoding="ascii").read().rsplit(")", 1)[1].split()
            return int(fields[11]) + int(fields[12])

        before = spent()
        while time.sleep(1) or spent() - before > 2:
            before = spent()

    def token(self, path):
        page = self.opener.open(self.server.url + path).read().decode()
        return re.search('name="csrf" value="([0-9a-f]+)"', page)[1], page

    def send(self, path, **fields):
        request = urllib.request.Request(
            self.server.url + path, data=urllib.parse.urlencode(fields).encode(), headers={"Origin": self.server.url})
        return self.opener.open(request).read()

    def time(self, template):
        address = self.server.url + pages.path(template, self.keys)
        start = time.perf_counter()
        try:
            self.opener.open(address).read()
        except urllib.error.HTTPError:
            pass
        return time.perf_counter() - start


def main():
    own, others = (int(text) for text in (sys.argv[1:] or ["10000", "990000"]))
    worst = 0
    with Server() as small, Server() as large:
        few, many = Reader(small, 13, 0), Reader(large, own, others)
        print(f"{'page':20} {'20 keys':>9} {'many':>9} {'ratio':>6}")
        for name, template, who in pages.EVERY:
            if who != world.OWNER:
                continue
            few.time(template), many.time(template)
            # By turns, so that whatever else the machine does falls on both.
            rounds = [(few.time(template), many.time(template)) for _ in range(ROUNDS)]
            time_few, time_many = (statistics.median(times) for times in zip(*rounds))
            ratio = time_many / time_few
            worst = max(worst, ratio)
            mark = "  *" if ratio > 2 else ""
            print(f"{name:20} {time_few * 1000:7.1f}ms {time_many * 1000:7.1f}ms {ratio:6.2f}{mark}", flush=True)
    print(f"worst {worst:.2f}, asked for at most 2")
    return 0 if worst <= 2 else 1


if __name__ == "__main__":
    sys.exit(main())
