"""What an operator's settings make of the console: another name and colour, and keys managed by permission."""

import unittest

import browser
import pages
import world
from server import Server

LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8" fill="#7a1f5f"/></svg>'


class Branded(unittest.TestCase):
    def test_name_colour_logo_and_help_link_are_the_operators_on_every_page(self):
        server = Server(
            'branding: {name: "Tidewater Keys", color: "#7a1f5f", logo: logo.svg, '
            'help_url: "https://tidewater.example/support"}')
        (server.folder / "logo.svg").write_text(LOGO)
        with server, browser.launched() as chromium, browser.Person(chromium, server) as person:
            names = pages.people(server, world.fill(server))
            for path in ("/sign-in", "/help", "/nowhere"):
                self.look(person, path)
            person.sign_in(world.OWNER, path="/sign-in").choose(world.ORGANIZATION)
            for name, template, who in pages.EVERY:
                if who == world.OWNER:
                    self.look(person, pages.path(template, names))
            person.open("/api-keys")
            background = "getComputedStyle(document.querySelector('.btn.primary')).backgroundColor"
            self.assertEqual(person.page.evaluate(background), "rgb(122, 31, 95)")

    def look(self, person, path):
        person.open(path)
        page = person.page
        self.assertTrue(page.title().endswith("– Tidewater Keys"), page.title())
        self.assertIn("Tidewater Keys", page.inner_text("header"))
        self.assertGreater(page.evaluate("document.querySelector('.brand img').naturalWidth"), 0)
        self.assertEqual(page.get_by_role("link", name="Contact").get_attribute("href"), "https://tidewater.example/support")
        self.assertNotIn("Keybearer", page.inner_text("body"), path)
        self.assertEqual(person.complaints, [], path)


class ByPermission(unittest.TestCase):
    def test_who_may_read_keys_and_no_more_sees_them_and_is_offered_nothing(self):
        with Server("keys: {managed_by: permission}") as server, browser.launched() as chromium:
            keys = pages.people(server, world.fill(server))
            acting = server.acting(world.OWNER, world.ORGANIZATION)
            server.must("PUT", "/v1/members/" + keys["ben"], {"role": "member", "grants": ["api_key:read"]}, acting)
            with browser.Person(chromium, server).sign_in(world.ADMIN) as person:
                page = person.page
                self.assertIn("Nightly deploy", page.inner_text("main"))
                self.assertIn("lets you see keys, not create them", page.inner_text("main"))
                for path in ("/api-keys", "/api-keys/review", f"/api-keys/{keys['Nightly deploy']}"):
                    person.open(path)
                    for offer in ("Revoke", "Rotate", "Edit", "Disable"):
                        self.assertEqual(page.locator("main").get_by_text(offer, exact=True).count(), 0, (path, offer))
                for path in ("/api-keys/new", f"/api-keys/{keys['Nightly deploy']}/revoke",
                             f"/api-keys/{keys['Nightly deploy']}/edit"):
                    self.assertEqual(person.open(path).status, 403, path)
                    self.assertIn("api_key:", page.inner_text("main"))
                self.assertEqual(person.complaints, [])


if __name__ == "__main__":
    unittest.main()
