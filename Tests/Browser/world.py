"""Invented organizations with people, keys and a month of use, for looking at."""

import random
import time

OWNER, ADMIN, FREE_OWNER = "ana@tidewater.example", "ben@tidewater.example", "caro@lantern.example"
NEW_OWNER = "gus@brine.example"
ORGANIZATION, FREE, NEW = "tidewater-tools", "lantern-post", "brine-works"
HOUR = 3_600_000_000
DAY = 24 * HOUR


def fill(server):
    """Makes the world; answers with the keys' identifiers by name, and a code that a device waits with."""
    server.organization(ORGANIZATION, "Tidewater Tools", "pro")
    server.organization(FREE, "Lantern Post", "free")
    for email, role, name in [
        (OWNER, "owner", "Ana Inventada"), (ADMIN, "admin", "Ben Madeup"),
        ("dee@tidewater.example", "member", "Dee Imagined"), ("eli@tidewater.example", "owner", "Eli Fictício"),
    ]:
        server.member(ORGANIZATION, email, role, name)
    server.member(FREE, FREE_OWNER, "owner", "Caro Fictícia")
    server.member(FREE, OWNER, "member", "Ana Inventada")
    server.organization(NEW, "Brine Works", "starter")
    server.member(NEW, NEW_OWNER, "owner", "Gus Imaginado")
    for email in (OWNER, ADMIN, FREE_OWNER, NEW_OWNER):
        server.password(email)
    acting = server.acting(OWNER, ORGANIZATION)
    server.must("PUT", "/v1/roles/release-team", {"permissions": ["project:read", "project:deploy"]}, acting)
    keys = {}

    def make(name, permissions, by=OWNER, **more):
        answer = server.key(by, ORGANIZATION, name, permissions, **more)
        keys[name] = answer["api_key"]["id"]
        return answer["key"]

    soon = time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(time.time() + 9 * 86400))
    later = time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(time.time() + 200 * 86400))
    nightly = make(
        "Nightly deploy", ["project:read", "project:deploy", "project/prj_harbor:delete", "invoice:read"],
        allowed_ips=["203.0.113.9", "2001:db8::17"], labels={"team": "release"}, expires_at=later,
    )
    make("Invoice export", ["invoice:read"], expires_at=soon)
    make("Metrics reader", ["*:read"])
    make("Old migration script", ["*:*"], by="eli@tidewater.example")
    make("Prototype", [])
    make("Zapier integration", ["invoice:create", "invoice:read"])
    retired = make("Laptop of a contractor", ["project:read"])
    rotated = server.must(
        "POST", f"/v1/api-keys/{keys['Zapier integration']}/rotate", {"overlap_seconds": 259200}, acting)
    keys["Zapier successor"] = rotated["api_key"]["id"]
    for permission, ip in [
        ("project:deploy", "203.0.113.9"), ("project:delete", "203.0.113.9"), ("project:deploy", "198.51.100.20"),
        ("invoice:create", "203.0.113.9"), ("project:read", "203.0.113.9"),
    ]:
        server.verify(nightly, permission, ip)
    server.verify(rotated["key"], "invoice:read")
    server.verify(retired)
    server.must(
        "POST", f"/v1/api-keys/{keys['Laptop of a contractor']}/revoke", {"reason": "The contract has ended."}, acting)
    server.must("DELETE", f"/v1/operator/organizations/{ORGANIZATION}/members/eli@tidewater.example")
    server.must("POST", "/v1/invitations", {"email": "fay@tidewater.example", "role": "member"}, acting)
    server.key(FREE_OWNER, FREE, "Only key", ["invoice:read"])
    # Reading a key's usage writes what metering holds.
    server.must("GET", f"/v1/api-keys/{keys['Nightly deploy']}/usage", None, acting)
    _age(server, keys)
    keys["device code"] = server.device()["user_code"]
    return keys


def _age(server, keys):
    """A month of counts, and a key that was last used long ago."""
    pick = random.Random(7)
    now = int(time.time() * 1_000_000)
    with server.database() as database:
        owner = database.execute("SELECT id FROM organization WHERE slug = ?", (ORGANIZATION,)).fetchone()[0]
        for back in range(1, 30 * 24):
            hour = (now // HOUR - back) * HOUR
            busy = 40 if (hour // HOUR) % 24 in (1, 2, 3, 13) else 6
            counts = {"valid": pick.randint(busy // 2, busy * 2)}
            if pick.random() < 0.12:
                counts["insufficient_permissions"] = pick.randint(1, 9)
            if pick.random() < 0.05:
                counts["rate_limited"] = pick.randint(1, 20)
            for verdict, count in counts.items():
                database.execute(
                    "INSERT OR IGNORE INTO usage_hourly VALUES (?, ?, ?, ?, ?)",
                    (keys["Nightly deploy"], owner, hour, verdict, count))
        for name, days in [("Metrics reader", 43), ("Old migration script", 2)]:
            database.execute(
                "INSERT OR REPLACE INTO key_last_use VALUES (?, ?, ?, ?)",
                (keys[name], owner, now - days * DAY, "198.51.100.7"))
        database.execute(
            "UPDATE permission_last_use SET hour = hour - ? WHERE key_id = ? AND permission = 'invoice:read'",
            (40 * DAY, keys["Nightly deploy"]))
