"""What the pages say of keys that were used, refused, forgotten and replaced, and of a log that somebody altered."""

import sqlite3
import time
import unittest

import browser
import world
from suite import Suite


class Details(Suite):
    def person(self, **more):
        return browser.Person(self.chromium, self.server, **more).sign_in(world.OWNER).choose(world.ORGANIZATION)

    def test_a_keys_page_compares_what_it_may_with_what_it_used(self):
        with self.person() as person:
            person.open(f"/api-keys/{self.keys['Nightly deploy']}")
            granted = person.page.locator("section", has_text="Granted and used")
            self.assertIn("just now", granted.locator("tr", has_text="project:deploy").inner_text())
            for unused in ("invoice:read", "project/prj_harbor:delete"):
                self.assertIn("Not in 30 days", granted.locator("tr", has_text=unused).inner_text())
            self.assertIn("2 permissions were not used", granted.inner_text())

    def test_refusals_are_listed_with_reason_and_address_and_a_chart_has_its_table(self):
        with self.person() as person:
            person.open(f"/api-keys/{self.keys['Nightly deploy']}?span=month")
            page = person.page
            denials = page.locator("section", has_text="Last refusals")
            address = denials.locator("tbody tr", has_text="198.51.100.20").inner_text()
            self.assertIn("IP address", address)
            self.assertIn("project:deploy", address)
            self.assertIn("203.0.113.9", denials.locator("tbody tr", has_text="project:delete").inner_text())
            self.assertRegex(page.get_attribute("svg.chart", "aria-label"), r"^Calls from .* allowed, .* refused\.$")
            page.get_by_text("The same as a table").click()
            self.assertGreaterEqual(page.locator("details[open] tbody tr").count(), 29)
            self.assertIn("Key created", page.locator("section", has_text="Changes to this key").inner_text())

    def test_Z11_both_keys_show_their_traffic_and_a_silent_old_key_is_offered_to_be_revoked(self):
        acting = self.server.acting(world.OWNER, world.ORGANIZATION)
        old = self.server.key(world.OWNER, world.ORGANIZATION, "Being replaced")["api_key"]
        new = self.server.must("POST", f"/v1/api-keys/{old['id']}/rotate", {}, acting)
        hour = 3_600_000_000
        now = int(time.time() * 1_000_000)
        with self.person() as person:
            path = f"/api-keys/{new['api_key']['id']}"
            person.open(path)
            self.assertEqual(person.page.locator("text=Revoke the old key now").count(), 0)
            with self.server.database() as database:
                owner = database.execute("SELECT organization_id FROM api_key WHERE id = ?", (old["id"],)).fetchone()[0]
                database.execute(
                    "UPDATE api_key SET created_at = created_at - ? WHERE id IN (?, ?)",
                    (9 * hour, old["id"], new["api_key"]["id"]))
                database.execute(
                    "INSERT INTO usage_hourly VALUES (?, ?, ?, 'valid', 41)",
                    (old["id"], owner, (now // hour - 4) * hour))
                database.execute(
                    "INSERT INTO key_last_use VALUES (?, ?, ?, '198.51.100.7')", (old["id"], owner, now - 3 * hour))
            self.server.verify(new["key"], "project:read")
            person.open(path)
            pair = person.page.locator("section", has_text="Rotation in progress")
            self.assertIn("\t41\t3 hours ago", pair.locator("tr", has_text="Old key").inner_text())
            self.assertIn("\t1\t", pair.locator("tr", has_text="New key").inner_text())
            self.assertIn("the old key has been silent for 3 hours", pair.inner_text())
            person.page.get_by_role("link", name="Revoke the old key now").click()
            person.page.get_by_role("button", name="Revoke the key").click()
            self.assertIn("Being replaced", person.page.inner_text(".notice"))
            person.open(path)
            self.assertEqual(person.page.locator("text=Rotation in progress").count(), 0)

    def test_the_review_names_every_reason_with_its_keys(self):
        with self.person() as person:
            person.open("/api-keys/review")
            parts = {
                section.locator("h2").inner_text().rsplit(" ", 1)[0].strip(): section.inner_text()
                for section in person.page.locator("main section").all()}
            for title, name in [
                ("The creator has left", "Old migration script"), ("Allowed everything", "Old migration script"),
                ("Expiring within 14 days", "Invoice export"), ("Unused for 30 days", "Metrics reader"),
                ("Never used", "Prototype"), ("Allowed nothing", "Prototype"),
            ]:
                self.assertIn(name, parts.get(title, f"no part {title} in {list(parts)}"))
            self.assertNotIn("Nightly deploy", person.page.inner_text("main"))

    def test_a_key_gets_labels_single_instances_and_a_last_day(self):
        day = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 40 * 86400))
        with self.person() as person:
            page = person.page
            page.goto("/api-keys/new")
            page.fill("#name", "With all of it")
            page.get_by_role("button", name="CI deploy").click()
            page.get_by_text("Single instances").click()
            page.fill("#instances", "project/prj_harbor:delete")
            page.fill("#date", day)
            page.locator("summary", has_text="Labels").click()
            page.fill("#labels", "team=payments\nenvironment=staging")
            page.get_by_role("button", name="Generate").click()
            page.get_by_role("link", name="I have saved it").click()
            facts = page.locator("section", has_text="About this key").inner_text()
            self.assertIn("team=payments", facts)
            self.assertIn("environment=staging", facts)
            self.assertIn("project/prj_harbor:delete", page.inner_text("main"))
            self.assertIn("project:deploy", page.inner_text("main"))
        keys = self.server.must(
            "GET", "/v1/api-keys?limit=1", None, self.server.acting(world.OWNER, world.ORGANIZATION))["data"]
        self.assertEqual(keys[0]["expires_at"][:19], f"{day}T23:59:59")

    def test_a_long_list_is_sorted_searched_and_turned_page_by_page(self):
        self.server.organization("crowded", "Crowded")
        self.server.member("crowded", "una@crowded.example", "owner", "Una Pretended")
        self.server.password("una@crowded.example")
        for number in range(43):
            self.server.key("una@crowded.example", "crowded", f"Integration {number:02}")
        with browser.Person(self.chromium, self.server).sign_in("una@crowded.example") as person:
            page = person.page
            page.select_option("#sort", "name")
            page.get_by_role("button", name="Apply").click()
            seen = []
            while True:
                seen += page.locator("#keys tbody th a").all_inner_texts()
                if page.get_by_role("link", name="Next", exact=True).count() == 0:
                    break
                page.get_by_role("link", name="Next", exact=True).click()
            self.assertEqual(seen, [f"Integration {number:02}" for number in range(43)])
            page.get_by_role("link", name="Previous", exact=True).click()
            self.assertIn("21–40", page.inner_text("main"))
            page.fill("#q", "tion 17")
            page.get_by_role("button", name="Apply").click()
            self.assertEqual(page.locator("#keys tbody th a").all_inner_texts(), ["Integration 17"])

    def test_an_organization_whose_keys_have_all_ended_still_finds_them(self):
        self.server.organization("quiet", "Quiet")
        self.server.member("quiet", "vic@quiet.example", "owner", "Vic Supposed")
        self.server.password("vic@quiet.example")
        with browser.Person(self.chromium, self.server).sign_in("vic@quiet.example") as person:
            self.assertIn("No keys yet", person.page.inner_text("main"))
            self.assertEqual(person.page.get_by_role("link", name="Show keys that have ended").count(), 0)
            made = self.server.key("vic@quiet.example", "quiet", "Long gone")["api_key"]["id"]
            self.server.must("POST", f"/v1/api-keys/{made}/revoke", {}, self.server.acting("vic@quiet.example", "quiet"))
            person.open("/api-keys")
            person.page.get_by_role("link", name="Show keys that have ended").click()
            self.assertIn("Long gone", person.page.inner_text("#keys"))

    def test_the_log_names_whoever_has_left_and_what_was_changed(self):
        acting = self.server.acting(world.OWNER, world.ORGANIZATION)
        key = self.server.must("GET", f"/v1/api-keys/{self.keys['Old migration script']}", None, acting)
        with self.person() as person:
            person.open(f"/audit?actor=user:{key['created_by']['id']}")
            made = person.page.locator("main tbody tr", has_text="Old migration script").inner_text()
            self.assertIn("Eli Fictício", made)
            self.assertIn("through the operator (backend)", made)
            self.assertNotIn("user:usr_", person.page.inner_text("main table"))
            person.open("/audit?action=invitation.create")
            self.assertIn("fay@tidewater.example", person.page.inner_text("main table"))
            person.open(f"/api-keys/{key['id']}")
            history = person.page.locator("section", has_text="Changes to this key").inner_text()
            self.assertIn("Eli Fictício", history)

    def test_a_log_that_somebody_altered_is_called_broken(self):
        self.server.organization("altered", "Altered")
        self.server.member("altered", "wes@altered.example", "owner", "Wes Imagined")
        self.server.password("wes@altered.example")
        for number in range(3):
            self.server.key("wes@altered.example", "altered", f"Key {number}")
        with browser.Person(self.chromium, self.server).sign_in("wes@altered.example") as person:
            person.open("/audit?check=yes")
            self.assertIn("complete and unaltered", person.page.inner_text("main"))
            with self.server.database() as database:
                with self.assertRaises(sqlite3.IntegrityError):
                    database.execute("UPDATE audit_event SET actor = 'user:nobody'")
                database.execute("DROP TRIGGER audit_event_no_update")
                chain = database.execute("SELECT id FROM organization WHERE slug = 'altered'").fetchone()[0]
                changed = database.execute(
                    "UPDATE audit_event SET actor = 'user:nobody' WHERE chain LIKE '%' || ? AND position = 3", (chain,))
                self.assertEqual(changed.rowcount, 1)
            person.open("/audit?check=yes")
            self.assertIn("The chain breaks at event 3", person.page.inner_text("main"))

    def test_a_suspended_organization_says_so_and_can_still_revoke(self):
        self.server.organization("paused", "Paused")
        self.server.member("paused", "xia@paused.example", "owner", "Xia Conjectured")
        self.server.password("xia@paused.example")
        made = self.server.key("xia@paused.example", "paused", "Asleep")
        self.server.organization("paused", "Paused", suspended=True)
        with browser.Person(self.chromium, self.server).sign_in("xia@paused.example") as person:
            self.assertIn("is suspended", person.page.inner_text("main"))
            self.assertEqual(self.server.verify(made["key"])["code"], "organization_suspended")
            person.page.get_by_role("link", name="Revoke Asleep").click()
            person.page.locator("form button.danger").click()
            self.assertEqual(self.server.verify(made["key"])["code"], "revoked")

    def test_A32_a_change_of_role_counts_from_the_next_page_with_the_same_session(self):
        self.server.member(world.ORGANIZATION, "yan@tidewater.example", "owner", "Yan Invented")
        self.server.password("yan@tidewater.example")
        with browser.Person(self.chromium, self.server).sign_in("yan@tidewater.example") as person:
            self.assertEqual(person.open("/api-keys").status, 200)
            self.server.member(world.ORGANIZATION, "yan@tidewater.example", "member", "Yan Invented")
            self.assertEqual(person.open("/api-keys").status, 403)
            self.server.must("PUT", "/v1/operator/users/yan@tidewater.example", {"disabled": True})
            person.open("/account")
            self.assertIn("/sign-in", person.page.url)


if __name__ == "__main__":
    unittest.main()
