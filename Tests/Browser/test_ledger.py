"""Page H on Ledger, walked as its people would: in English and Spanish, on a desktop and a phone."""

import itertools
import re
import unittest

from axe_playwright_python.sync_playwright import Axe

import browser
from ledger import Stack
from test_accessibility import RULES

OWNER, ADMIN = "olga@heron.example", "adam@heron.example"
WORDS = {
    "en": {"keys": "API keys", "create": "Create API key", "generate": "Generate", "revoke": "Revoke",
           "owners": "Only owners manage API keys", "help": "Help Center", "new": "Create", "send": "Send",
           "pay": "Mark as paid", "paid": "Paid", "out": "Sign out"},
    "es": {"keys": "Claves de API", "create": "Crear clave de API", "generate": "Generar", "revoke": "Revocar",
           "owners": "Solo los propietarios gestionan las claves de API", "help": "Centro de ayuda", "new": "Crear",
           "send": "Enviar", "pay": "Marcar como pagada", "paid": "Pagada", "out": "Cerrar sesión"},
}
WAYS = [("en", browser.DESKTOP, True), ("es", browser.PHONE, True), ("es", browser.DESKTOP, False)]


class LedgerInBrowser(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack()
        cls.addClassCleanup(cls.stack.close)
        cls.stack.workspace("heron", "Heron Joinery")
        cls.stack.workspace("egret", "Egret Café")
        for slug in ("heron", "egret"):
            cls.stack.member(slug, OWNER, "owner", "Olga Inventada")
        cls.stack.member("heron", ADMIN, "admin", "Adam Madeup")
        launched = browser.launched()
        cls.chromium = launched.__enter__()
        cls.addClassCleanup(launched.__exit__, None, None, None)

    def person(self, email, language="en", size=browser.DESKTOP, scripts=True, workspace="Heron", **more):
        person = browser.Person(self.chromium, self.stack, language=language, size=size, scripts=scripts, **more)
        person.sign_in(email, path="/sign-in")
        person.page.goto("/organizations")
        person.page.locator("tr", has_text=workspace).locator("button").click()
        return person

    def open_keys(self, person, words):
        """From Ledger's own navigation to the key pages: one more button, and no second password."""
        if person.page.get_by_role("link", name=words["keys"], exact=True).count():
            person.page.get_by_role("link", name=words["keys"], exact=True).first.click()
        else:
            person.page.goto("/api-keys")
        if "/sign-in/link/" in person.page.url:
            person.page.locator("main button[type=submit]").click()

    def test_H4_H5_H6_H8_a_key_is_made_used_and_revoked(self):
        for language, size, scripts in WAYS:
            name = f"Zapier {language} {size['width']} {scripts}"
            words = WORDS[language]
            with self.subTest(name), self.person(OWNER, language, size, scripts) as person:
                page = person.page
                self.open_keys(person, words)
                self.assertEqual(page.url, self.stack.url + "/api-keys")
                page.get_by_role("link", name=words["create"], exact=True).first.click()
                page.fill("#name", name)
                for permission in ["invoice:read", "invoice:create", "customer:create"]:
                    page.check(f"input[value='{permission}']")
                page.get_by_role("button", name=words["generate"], exact=True).click()
                key = page.input_value("#secret")
                self.assertRegex(key, r"^sk_[0-9a-f]{64}$")
                self.assertEqual(self.stack.curl(key), "200")
                page.goto("/api-keys?q=" + name.replace(" ", "+"))
                self.assertNotIn(key, page.content())

                # What the key wrote stands on the pages, where a person goes on with it.
                _, customer = self.stack.api("POST", "/api/customers", key, {"name": name})
                status, invoice = self.stack.api("POST", "/api/invoices", key, {
                    "customer": customer["id"], "currency": "EUR", "due_on": "2030-01-31",
                    "lines": [{"description": "Hours", "quantity": 3, "unit_cents": 6500}]})
                self.assertEqual(status, 201)
                page.goto("/invoices")
                page.locator("tr", has_text=name).get_by_role("link").click()
                self.assertRegex(page.inner_text("main"), r"195[.,]00")
                page.get_by_role("button", name=words["send"], exact=True).click()
                page.get_by_role("button", name=words["pay"], exact=True).click()
                self.assertIn(words["paid"], page.inner_text("main"))
                _, answer = self.stack.api("GET", f"/api/invoices/{invoice['id']}", key)
                self.assertEqual(answer["status"], "paid")

                # Revoked on its row: the next curl gets 401.
                self.assertEqual(self.stack.curl(key), "200")
                page.goto("/api-keys?q=" + name.replace(" ", "+"))
                page.get_by_role("link", name=re.compile("^" + words["revoke"])).first.click()
                page.locator("form button.danger").click()
                self.assertEqual(self.stack.curl(key), "401")
                self.assertEqual(person.complaints, [])

    def test_H1_an_admin_does_not_reach_api_keys(self):
        for language in ("en", "es"):
            words = WORDS[language]
            with self.subTest(language), self.person(ADMIN, language) as person:
                self.assertEqual(person.page.get_by_role("link", name=words["keys"], exact=True).count(), 0)
                self.open_keys(person, words)
                answer = person.open("/api-keys")
                self.assertEqual(answer.status, 403)
                self.assertIn(words["owners"], person.page.inner_text("main"))
                self.assertIn("Olga Inventada", person.page.inner_text("main"))

    def test_H10_help_and_every_page_speak_english_and_spanish(self):
        with self.person(OWNER) as person:
            page = person.page
            for name, code in (("Español", "es"), ("English", "en")):
                page.goto("/invoices")
                page.get_by_role("button", name=name).click()
                self.assertEqual(page.url.split("?")[0], self.stack.url + "/invoices")
                for path in ["/invoices", "/customers", "/members", "/plan", "/organizations", "/help/api-keys",
                             "/help/create", "/help/revocation"]:
                    page.goto(path)
                    self.assertEqual(page.get_attribute("html", "lang"), code, path)
                page.goto("/help/api-keys")
                self.assertEqual(page.inner_text("h1"), WORDS[code]["keys"])
                self.assertIn("GET /api/invoices", page.inner_text("pre"))
                page.locator("main a").click()
                self.assertIn("/help/create", page.url)

    def test_signing_out_anywhere_ends_both_halves(self):
        for where in ("/invoices", "/api-keys"):
            with self.subTest(where), self.person(OWNER) as person:
                self.open_keys(person, WORDS["en"])
                cookies = {c["name"]: c["value"] for c in person.context.cookies()}
                person.open(where)
                person.page.get_by_role("button", name="Sign out").click()
                self.assertIn("/sign-in", person.page.url)
                # Not even with the cookies kept does anything open again.
                person.context.add_cookies(
                    [{"name": n, "value": v, "url": self.stack.url} for n, v in cookies.items()])
                for path in ("/invoices", "/api-keys"):
                    person.open(path)
                    self.assertIn("/sign-in", person.page.url)
                    self.assertEqual(person.page.locator("#password").count(), 1)

    def test_no_script_in_what_people_write_runs_and_axe_finds_nothing(self):
        payload = "\"'><img src=x onerror=alert(1)>\u0301<script>alert(2)</script>"
        with self.person(OWNER, workspace="Egret", bypass_csp=True) as person:
            page = person.page
            page.goto("/customers")
            page.fill("#name", payload)
            page.locator("main button.primary").click()
            self.assertIn(payload, page.inner_text("main"))
            page.goto("/invoices")
            page.fill("#description", payload)
            page.fill("#unit_cents", "1")
            page.fill("#due_on", "2030-01-31")
            page.locator("main button.primary").click()
            self.assertIn(payload, page.inner_text("main"))
            self.assertEqual(page.locator("main img, main script").count(), 0)
            invoice = page.url.removeprefix(self.stack.url)
            axe = Axe()
            for theme, size in itertools.product(("light", "dark"), (browser.DESKTOP, browser.PHONE)):
                page.emulate_media(color_scheme=theme)
                page.set_viewport_size(size)
                for path in ["/invoices", invoice, "/customers", "/members", "/plan", "/organizations", "/help/api-keys"]:
                    page.goto(path)
                    found = axe.run(page, options=RULES).response["violations"]
                    self.assertEqual([(v["id"], [n["html"][:200] for n in v["nodes"]]) for v in found], [], path)
                    self.assertTrue(person.has_no_sideways_scroll(), path)
            self.assertEqual(person.complaints, [])


if __name__ == "__main__":
    unittest.main()
