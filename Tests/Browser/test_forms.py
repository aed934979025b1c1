"""Back, reload, double clicks, two tabs and sessions that end: nothing lost, nothing doubled."""

import unittest

import browser
import world
from suite import Suite


class Forms(Suite):
    def count(self, name):
        data, cursor = [], ""
        while cursor is not None:
            answer = self.server.must(
                "GET", f"/v1/api-keys?limit=100{cursor}", None, self.server.acting(world.OWNER, world.ORGANIZATION))
            data += answer["data"]
            cursor = f"&cursor={answer['next_cursor']}" if answer["next_cursor"] else None
        return sum(key["name"] == name for key in data)

    def person(self, **more):
        return browser.Person(self.chromium, self.server, **more).sign_in(world.OWNER).choose(world.ORGANIZATION)

    def revoke(self, name):
        self.server.must(
            "POST", "/v1/api-keys/revoke",
            {"filter": {"ids": [k["id"] for k in self.server.must(
                "GET", "/v1/api-keys?limit=100", None,
                self.server.acting(world.OWNER, world.ORGANIZATION))["data"] if k["name"] == name]}},
            self.server.acting(world.OWNER, world.ORGANIZATION))

    def test_back_reload_and_resubmit_show_no_key_again_and_make_no_second_one(self):
        for scripts in (True, False):
            name = f"Once {scripts}"
            with self.subTest(scripts=scripts), self.person(scripts=scripts) as person:
                page = person.page
                page.goto("/api-keys/new")
                form = page.url
                page.fill("#name", name)
                page.locator("main button.primary").click()
                key = page.input_value("#secret")
                page.reload()
                self.assertNotIn(key, page.content())
                self.assertIn("sent already", page.inner_text("main"))
                page.goto(form)
                page.fill("#name", name)
                page.locator("main button.primary").click()
                self.assertIn("sent already", page.inner_text("main"))
                page.go_back()
                self.assertNotIn(key, page.content())
                page.goto(form)
                page.fill("#name", name + " changed")
                page.locator("main button.primary").click()
                self.assertIn("has created a key already", page.inner_text("#problem"))
                self.assertEqual(page.input_value("#name"), name + " changed")
                self.assertEqual((self.count(name), self.count(name + " changed")), (1, 0))
                self.assertEqual(self.server.verify(key)["code"], "valid")
                self.revoke(name)

    def test_a_double_click_makes_one_key_and_with_scripts_shows_it(self):
        for scripts in (True, False):
            name = f"Twice {scripts}"
            with self.subTest(scripts=scripts), self.person(scripts=scripts) as person:
                page = person.page
                page.goto("/api-keys/new")
                page.fill("#name", name)
                page.locator("main button.primary").dblclick()
                page.wait_for_selector("h1")
                page.wait_for_load_state()
                self.assertEqual(self.count(name), 1)
                if scripts:
                    self.assertRegex(page.input_value("#secret"), "^sk_")
                elif page.locator("#secret").count() == 0:
                    # The first answer was thrown away by the browser: one more click replaces the key.
                    self.assertIn("Replace it", page.inner_text("main"))
                self.revoke(name)

    def test_two_tabs_act_each_in_the_organization_that_they_were_opened_in(self):
        with self.person() as person:
            one, other = person.page, person.tab()
            one.goto("/api-keys/new")
            one.fill("#name", "In the first tab")
            other.goto("/organizations")
            other.locator("li", has_text=world.FREE).locator("button").click()
            self.assertIn("Lantern Post", other.inner_text("header"))
            one.locator("main button.primary").click()
            self.assertRegex(one.input_value("#secret"), "^sk_")
            self.assertEqual(self.count("In the first tab"), 1)
            self.revoke("In the first tab")

    def test_of_two_tabs_that_edit_the_same_the_second_is_told_of_the_first(self):
        key = self.server.key(world.OWNER, world.ORGANIZATION, "Edited twice", ["project:read"])["api_key"]["id"]
        acting = self.server.acting(world.OWNER, world.ORGANIZATION)
        self.server.must("PUT", "/v1/roles/edited", {"permissions": ["project:read"]}, acting)

        def at_key(tab, text):
            tab.fill("#name", text)

        def at_member(tab, text):
            tab.fill("#grants", "project:read" if "first" in text else "invoice:read")

        def at_role(tab, text):
            tab.fill("#permissions", "project:read\n" + ("project:deploy" if "first" in text else "invoice:read"))

        for path, write in [(f"/api-keys/{key}/edit", at_key), ("/members/" + self.keys["dee"], at_member),
                            ("/roles/edited", at_role)]:
            for scripts in (True, False):
                with self.subTest(path, scripts=scripts), self.person(scripts=scripts) as person:
                    one, other = person.page, person.tab()
                    one.goto(path)
                    other.goto(path)
                    write(other, f"the second, {scripts}")
                    write(one, f"the first, {scripts}")
                    one.locator("main button.primary").click()
                    self.assertEqual(one.locator("#problem").count(), 0)
                    typed = other.locator("main").locator("input:visible, textarea:visible").first.input_value()
                    other.locator("main button.primary").click()
                    self.assertIn("nothing was saved", other.inner_text("#problem"))
                    self.assertEqual(
                        other.locator("main").locator("input:visible, textarea:visible").first.input_value(), typed)
                    other.locator("main button.primary").click()
                    self.assertEqual(other.locator("#problem").count(), 0)
        self.revoke("the second, False")

    def test_a_new_role_does_not_replace_one_of_the_same_name(self):
        with self.person() as person:
            person.open("/roles")
            person.page.fill("#name", "release-team")
            person.page.fill("#permissions", "invoice:read")
            person.page.get_by_role("button", name="Create the role").click()
            self.assertIn("exists already", person.page.inner_text("#problem"))
        roles = self.server.must("GET", "/v1/roles", None, self.server.acting(world.OWNER, world.ORGANIZATION))["data"]
        held = next(role["permissions"] for role in roles if role["name"] == "release-team")
        self.assertEqual(sorted(held), ["project:deploy", "project:read"])

    def test_a_session_that_ends_in_the_middle_of_a_form_loses_nothing(self):
        for scripts in (True, False):
            name = f"Interrupted {scripts}"
            with self.subTest(scripts=scripts), self.person(scripts=scripts) as person:
                page = person.page
                page.goto("/api-keys/new")
                page.fill("#name", name)
                page.check("input[value='project:deploy']")
                page.check("input[value='invoice:read']")
                page.fill("#ips", "203.0.113.9")
                with self.server.database() as database:
                    database.execute("DELETE FROM session WHERE kind = 'console'")
                page.locator("main button.primary").click()
                self.assertIn("session ended while you were writing", page.inner_text("main"))
                page.fill("#email", world.OWNER)
                page.fill("#password", "wrong on purpose, once")
                page.locator("main button.primary").click()
                page.fill("#password", browser.PASSWORD)
                page.locator("main button.primary").click()
                self.assertIn(name, page.inner_text("main"))
                self.assertEqual(self.count(name), 0)
                page.get_by_role("button", name="Send the form now").click()
                key = page.input_value("#secret")
                self.assertEqual(self.server.verify(key, "invoice:read", "203.0.113.9")["code"], "valid")
                self.assertEqual(self.server.verify(key, "project:deploy", "203.0.113.8")["code"], "ip_not_allowed")
                self.assertEqual(self.count(name), 1)
                self.revoke(name)

    def test_the_list_filters_as_somebody_types_and_asks_the_server_without_scripts(self):
        with self.person() as person:
            person.open("/api-keys")
            person.page.fill("#q", "nightly")
            self.assertEqual(person.page.locator("#keys tbody tr:visible").count(), 1)
        with self.person(scripts=False) as person:
            person.open("/api-keys")
            person.page.fill("#q", "nightly")
            person.page.get_by_role("button", name="Apply").click()
            self.assertEqual(person.page.locator("#keys tbody tr").count(), 1)

    def test_copying_puts_the_key_into_the_clipboard(self):
        with self.person(permissions=["clipboard-read", "clipboard-write"]) as person:
            page = person.page
            page.goto("/api-keys/new")
            page.fill("#name", "Copied")
            page.locator("main button.primary").click()
            key = page.input_value("#secret")
            page.locator("[data-copy=secret]").click()
            self.assertEqual(page.evaluate("navigator.clipboard.readText()"), key)
            self.assertEqual(person.complaints, [])
            self.revoke("Copied")


if __name__ == "__main__":
    unittest.main()
