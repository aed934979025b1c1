"""The seeds' pages, walked as a person would: three languages, two sizes, with scripts and without."""

import re
import unittest

import browser
import world
from suite import Suite

WORDS = {
    "en": {"create": "Create API key", "generate": "Generate", "revoke": "Revoke", "saved": "I have saved it",
           "once": "shown this once", "owners": "Only owners manage API keys", "full": "No place is free",
           "cidr": "ranges with a slash are not accepted", "help": "Help"},
    "es": {"create": "Crear clave de API", "generate": "Generar", "revoke": "Revocar", "saved": "La he guardado",
           "once": "Se muestra esta única vez", "owners": "Solo los propietarios gestionan las claves de API",
           "full": "No queda ninguna plaza", "cidr": "los rangos con barra no se aceptan", "help": "Ayuda"},
    "pt-BR": {"create": "Criar chave de API", "generate": "Gerar", "revoke": "Revogar", "saved": "Eu a guardei",
              "once": "mostrada só desta vez", "owners": "Só proprietários gerenciam chaves de API",
              "full": "Não há vaga livre", "cidr": "faixas com barra não são aceitas", "help": "Ajuda"},
}
WAYS = [
    (language, size, scripts)
    for language in browser.LANGUAGES for size in (browser.DESKTOP, browser.PHONE) for scripts in (True, False)
]


class Walks(Suite):
    def walk(self, who, language, size, scripts):
        name = f"{language}, {size['width']} wide, {'with' if scripts else 'without'} scripts"
        return self.subTest(name), browser.Person(
            self.chromium, self.server, language=language, size=size, scripts=scripts).sign_in(who)

    def everywhere(self, who, steps):
        for language, size, scripts in WAYS:
            test, person = self.walk(who, language, size, scripts)
            with test, person:
                self.assertEqual(person.page.get_attribute("html", "lang"), language)
                steps(person, WORDS[language], f"{language}-{size['width']}-{scripts}")
                self.assertEqual(person.complaints, [])

    def test_Z3_H4_H5_a_key_is_created_with_name_permissions_ips_and_expiry_and_shown_once(self):
        def steps(person, words, tag):
            page = person.page
            person.choose(world.ORGANIZATION)
            page.goto("/api-keys")
            page.get_by_role("link", name=words["create"], exact=True).click()
            page.fill("#name", f"Walk {tag}")
            # None may be chosen, and the form says what that means.
            self.assertTrue(page.locator("[data-none-warning]").is_visible())
            page.check("input[value='project:deploy']")
            page.fill("#ips", "203.0.113.9\n2001:db8::1")
            page.check("input[name=expiry][value='90']")
            self.assertEqual(page.locator("[data-none-warning]").is_visible(), "False" in tag)
            self.assertTrue(person.has_no_sideways_scroll())
            page.get_by_role("button", name=words["generate"], exact=True).click()
            key = page.input_value("#secret")
            self.assertRegex(key, r"^sk_[0-9a-f]{64}$")
            self.assertIn(words["once"], page.inner_text("main"))
            self.assertTrue(person.has_no_sideways_scroll())
            answer = self.server.verify(key, "project:deploy", "203.0.113.9")
            self.assertEqual(answer["code"], "valid")
            self.assertEqual(self.server.verify(key, "project:deploy", "203.0.113.8")["code"], "ip_not_allowed")
            self.assertEqual(self.server.verify(key, "project:read", "203.0.113.9")["code"], "insufficient_permissions")
            page.get_by_role("link", name=words["saved"]).click()
            self.assertIn(f"Walk {tag}", page.inner_text("h1"))
            self.assertNotIn(key, page.content())
            self.assertIn(key[:9] + "…" + key[-4:], page.content())
            # H8, H4: revoked by its row, dead at once, its place free again.
            page.goto("/api-keys?q=Walk+" + tag)
            page.get_by_role("link", name=re.compile("^" + words["revoke"])).first.click()
            page.locator("form button.danger").click()
            self.assertIn("node-a", page.inner_text(".notice"))
            self.assertEqual(self.server.verify(key, "project:deploy", "203.0.113.9")["code"], "revoked")
            page.goto("/api-keys?status=revoked&q=Walk+" + tag)
            self.assertIn(f"Walk {tag}", page.inner_text("main table"))

        self.everywhere(world.OWNER, steps)

    def test_H1_an_admin_gets_403_a_page_that_says_who_can_help_and_no_data(self):
        def steps(person, words, tag):
            for path in ["/api-keys", "/api-keys/new", "/api-keys/review", "/api-keys/lookup"]:
                answer = person.open(path)
                self.assertIn(answer.status, (403, 404) if path.endswith("lookup") else (403,), path)
                text = person.page.inner_text("main")
                if not path.endswith("lookup"):
                    self.assertIn(words["owners"], text)
                    self.assertIn("Ana Inventada", text)
                for secret in ["Nightly deploy", "sk_", "Zapier"]:
                    self.assertNotIn(secret, person.page.content())

        self.everywhere(world.ADMIN, steps)

    def test_H3_a_full_plan_says_why_nothing_can_be_created_and_revoking_makes_room(self):
        def steps(person, words, tag):
            page = person.page
            page.goto("/api-keys")
            self.assertIn(words["full"], page.inner_text("main"))
            self.assertEqual(page.get_by_role("link", name=words["create"], exact=True).get_attribute("aria-disabled"), "true")
            self.assertEqual(page.goto("/api-keys/new").url.split("?")[0], self.server.url + "/api-keys")

        self.everywhere(world.FREE_OWNER, steps)
        with browser.Person(self.chromium, self.server).sign_in(world.FREE_OWNER) as person:
            page = person.page
            page.get_by_role("link", name="Revoke Only key").click()
            page.locator("form button.danger").click()
            page.get_by_role("link", name="Create API key").first.click()
            page.fill("#name", "The next one")
            page.get_by_role("button", name="Generate").click()
            self.assertRegex(page.input_value("#secret"), "^sk_")
            self.assertIn("no permissions", page.inner_text("main"))

    def test_H10_help_is_there_in_every_language_signed_in_or_not(self):
        guides = ["create", "use", "permissions", "ip-allowlist", "rotation", "revocation", "good-practice"]
        for language, size, scripts in WAYS:
            name = f"{language}, {size['width']} wide, {'with' if scripts else 'without'} scripts"
            with self.subTest(name), browser.Person(
                    self.chromium, self.server, language=language, size=size, scripts=scripts) as person:
                page = person.page
                person.open("/sign-in")
                page.get_by_role("banner").get_by_role("link", name=WORDS[language]["help"], exact=True).click()
                titles = []
                # From one to the next as a person does, by the list beside the text.
                for place, guide in enumerate(guides):
                    page.locator(".side a").nth(place).click()
                    self.assertTrue(page.url.endswith(f"/help/{guide}"), page.url)
                    self.assertEqual(page.get_attribute("html", "lang"), language)
                    self.assertTrue(person.has_no_sideways_scroll())
                    titles.append(page.inner_text("h1"))
                    self.assertEqual(page.inner_text(".side a[aria-current]"), titles[-1])
                self.assertEqual(len(set(titles)), len(guides))
                self.assertEqual(person.complaints, [])
            with self.subTest(name + ", signed in"), browser.Person(
                    self.chromium, self.server, language=language, size=size, scripts=scripts) as person:
                person.sign_in(world.OWNER).choose(world.ORGANIZATION)
                person.page.get_by_role("navigation").get_by_role(
                    "link", name=WORDS[language]["help"], exact=True).first.click()
                self.assertEqual(person.page.inner_text("h1"), titles[0])
        with browser.Person(self.chromium, self.server) as person:
            person.open("/help/use")
            person.page.get_by_role("button", name="Español").click()
            self.assertIn("Usar una clave", person.page.inner_text("h1"))
            person.open("/sign-in")
            self.assertIn("Iniciar sesión", person.page.inner_text("h1"))
            person.page.get_by_role("button", name="Oscura").click()
            self.assertEqual(person.page.get_attribute("html", "data-theme"), "dark")

    def test_mistakes_in_the_form_are_named_in_the_readers_language_and_nothing_typed_is_lost(self):
        def steps(person, words, tag):
            page = person.page
            person.choose(world.ORGANIZATION)
            page.goto("/api-keys/new")
            page.fill("#name", "Half right")
            page.check("input[value='invoice:read']")
            page.fill("#ips", "203.0.113.0/24")
            page.get_by_role("button", name=words["generate"], exact=True).click()
            self.assertIn(words["cidr"], page.inner_text("#ips-error"))
            self.assertEqual(page.input_value("#name"), "Half right")
            self.assertEqual(page.input_value("#ips"), "203.0.113.0/24")
            self.assertTrue(page.is_checked("input[value='invoice:read']"))
            # A preset and the visitor's own address, with scripts and without.
            page.locator("[data-preset]").first.click()
            self.assertTrue(page.is_checked("input[value='project:read']"))
            page.locator("[data-append]").click()
            self.assertIn("127.0.0.1", page.input_value("#ips"))
            self.assertEqual(page.input_value("#name"), "Half right")

        for language, size, scripts in WAYS[::3]:
            test, person = self.walk(world.OWNER, language, size, scripts)
            with test, person:
                steps(person, WORDS[language], language)

    def test_Z11_a_rotation_shows_both_keys_and_ends_with_the_old_one(self):
        with browser.Person(self.chromium, self.server).sign_in(world.OWNER) as person:
            page = person.choose(world.ORGANIZATION).page
            made = self.server.key(world.OWNER, world.ORGANIZATION, "Rotated by hand")
            page.goto(f"/api-keys/{made['api_key']['id']}")
            page.get_by_role("link", name="Rotate").click()
            page.get_by_role("button", name="Generate the new key").click()
            new = page.input_value("#secret")
            for key in (made["key"], new):
                self.assertEqual(self.server.verify(key)["code"], "valid")
            page.get_by_role("link", name="I have saved it").click()
            self.assertIn("Both keys work until", page.inner_text("main"))
            page.get_by_role("link", name="Revoke the old key now").click()
            page.get_by_role("button", name="Revoke the key").click()
            self.assertEqual(self.server.verify(made["key"])["code"], "revoked")
            self.assertEqual(self.server.verify(new)["code"], "valid")

    def test_which_key_is_this_by_the_key_and_by_its_digest(self):
        import hashlib

        made = self.server.key(world.OWNER, world.ORGANIZATION, "Found in a log")
        with browser.Person(self.chromium, self.server).sign_in(world.OWNER) as person:
            page = person.choose(world.ORGANIZATION).page
            for text in (made["key"], hashlib.sha256(made["key"].encode()).hexdigest()):
                page.goto("/api-keys/lookup")
                page.fill("#text", text)
                page.get_by_role("button", name="Look it up").click()
                self.assertIn("Found in a log", page.inner_text("h1"))
            page.goto("/api-keys/lookup")
            page.fill("#text", made["key"][:-1] + "x")
            page.get_by_role("button", name="Look it up").click()
            self.assertIn("No key of this organization", page.inner_text("main"))
            self.assertNotIn(made["key"][:-1], page.content())

    def test_edit_disable_enable_and_explain(self):
        made = self.server.key(world.OWNER, world.ORGANIZATION, "Changing", ["project:read"])
        with browser.Person(self.chromium, self.server).sign_in(world.OWNER) as person:
            page = person.choose(world.ORGANIZATION).page
            page.goto(f"/api-keys/{made['api_key']['id']}")
            page.get_by_role("link", name="Edit", exact=True).click()
            page.fill("#name", "Changed")
            page.check("input[value='project:deploy']")
            page.get_by_role("button", name="Save").click()
            self.assertIn("Changed", page.inner_text("h1"))
            self.assertEqual(self.server.verify(made["key"], "project:deploy")["code"], "valid")
            page.get_by_role("button", name="Disable").click()
            self.assertEqual(self.server.verify(made["key"])["code"], "disabled")
            page.fill("#permission", "project:deploy")
            page.get_by_role("button", name="Explain").click()
            self.assertIn("this decides", page.locator("#explain tr", has_text="Enabled").inner_text())
            page.get_by_role("button", name="Enable").click()
            self.assertEqual(self.server.verify(made["key"])["code"], "valid")

    def test_people_are_invited_changed_and_removed_and_the_keys_they_made_are_shown(self):
        with browser.Person(self.chromium, self.server).sign_in(world.OWNER) as person:
            page = person.choose(world.ORGANIZATION).page
            page.goto("/members")
            page.fill("#email", "gil@tidewater.example")
            page.select_option("#role", "admin")
            page.get_by_role("button", name="Make the link").click()
            link = page.input_value("#secret")
            page.reload()
            self.assertNotIn(link, page.content())
        with browser.Person(self.chromium, self.server, language="pt-BR") as guest:
            guest.open(link)
            guest.page.fill("#name", "Gil Inventado")
            guest.page.fill("#password", "short")
            guest.page.evaluate("document.querySelector('#password').removeAttribute('minlength')")
            guest.page.get_by_role("button", name="Participar").click()
            self.assertIn("12 a 128", guest.page.inner_text("#problem"))
            guest.page.fill("#password", "uma frase bem comprida")
            guest.page.get_by_role("button", name="Participar").click()
            self.assertIn("Tidewater Tools", guest.page.inner_text("main"))
            guest.sign_in("gil@tidewater.example", "uma frase bem comprida", "/sign-in")
            self.assertIn(WORDS["pt-BR"]["owners"], guest.page.inner_text("main"))
        with browser.Person(self.chromium, self.server).sign_in(world.OWNER) as person:
            page = person.choose(world.ORGANIZATION).page
            page.goto("/members")
            page.get_by_role("link", name="Edit Gil Inventado").click()
            page.select_option("#role", "owner")
            page.get_by_role("button", name="Save").click()
            self.server.command("operator", "token", "list")
            self.server.must("PUT", "/v1/operator/users/gil@tidewater.example", {"verified": True})
            self.server.key("gil@tidewater.example", world.ORGANIZATION, "Made by Gil")
            page.goto("/members")
            page.get_by_role("link", name="Edit Gil Inventado").click()
            page.get_by_role("link", name="Remove").click()
            self.assertIn("Made by Gil", page.inner_text("main"))
            page.get_by_role("button", name="Remove").click()
            self.assertIn("Made by Gil", page.inner_text("main"))
            page.goto("/api-keys/review")
            self.assertIn("Made by Gil", page.locator("section", has_text="The creator has left").inner_text())

    def test_roles_audit_plan_settings_and_account(self):
        with browser.Person(self.chromium, self.server).sign_in(world.OWNER) as person:
            page = person.choose(world.ORGANIZATION).page
            page.goto("/roles")
            page.fill("#name", "readers")
            page.fill("#permissions", "project:read\ninvoice:read")
            page.get_by_role("button", name="Create the role").click()
            page.get_by_role("link", name="Edit readers").click()
            page.get_by_role("button", name="Delete this role").click()
            self.assertIn("The role is deleted", page.inner_text("main"))
            page.goto("/audit")
            page.select_option("#action", "role.remove")
            page.get_by_role("button", name="Apply").click()
            self.assertIn("Ana Inventada", page.inner_text("main table"))
            page.get_by_role("button", name="Check it now").click()
            self.assertIn("complete and unaltered", page.inner_text("main"))
            with page.expect_download() as download:
                page.get_by_role("link", name="Export as JSON Lines").click()
            lines = open(download.value.path(), encoding="utf-8").read().splitlines()
            import json
            events = [json.loads(line) for line in lines]
            self.assertGreater(len(events), 20)
            self.assertEqual([e["position"] for e in events], sorted((e["position"] for e in events), reverse=True))
            page.goto("/settings")
            page.fill("#name", "Tidewater Tools & Sons")
            page.get_by_role("button", name="Save").click()
            self.assertIn("Tidewater Tools & Sons", page.inner_text("header"))
            page.fill("#name", "Tidewater Tools")
            page.get_by_role("button", name="Save").click()

    def test_A10_the_password_is_changed_and_other_sessions_end(self):
        self.server.member(world.ORGANIZATION, "pat@tidewater.example", "owner", "Pat Notional")
        self.server.password("pat@tidewater.example")
        with browser.Person(self.chromium, self.server).sign_in("pat@tidewater.example") as one, \
                browser.Person(self.chromium, self.server).sign_in("pat@tidewater.example") as other:
            one.open("/account")
            one.page.fill("#current", "a wrong one entirely")
            one.page.fill("#new", "quite another long phrase")
            one.page.get_by_role("button", name="Change password").click()
            self.assertIn("current password is wrong", one.page.inner_text("#problem"))
            stolen = [c for c in other.context.cookies() if c["name"] == "keybearer"]
            one.page.fill("#current", browser.PASSWORD)
            one.page.fill("#new", "quite another long phrase")
            one.page.get_by_role("button", name="Change password").click()
            self.assertIn("is changed", one.page.inner_text("main"))
            other.open("/account")
            self.assertIn("/sign-in", other.page.url)
            with browser.Person(self.chromium, self.server) as thief:
                thief.context.add_cookies(stolen)
                thief.open("/account")
                self.assertIn("/sign-in", thief.page.url)
            one.page.get_by_role("button", name="Sign out").click()
            one.open("/api-keys")
            self.assertIn("/sign-in?next=%2Fapi-keys", one.page.url)

    def test_the_operators_link_signs_in_by_one_button_bound_to_its_organization(self):
        link = self.server.must("POST", "/v1/operator/sessions", {"email": world.OWNER, "organization": world.ORGANIZATION})
        for scripts in (True, False):
            link = self.server.must(
                "POST", "/v1/operator/sessions", {"email": world.OWNER, "organization": world.ORGANIZATION})["url"]
            with browser.Person(self.chromium, self.server, scripts=scripts) as person:
                person.open(link)
                person.page.get_by_role("main").get_by_role("button").click()
                self.assertEqual(person.page.url, self.server.url + "/api-keys")
                self.assertIn("Opened by the operator (backend)", person.page.inner_text("main"))
                person.open("/organizations")
                self.assertNotIn(world.FREE, person.page.inner_text("main"))
                self.assertEqual(person.open(link).status, 200)
                person.page.get_by_role("main").get_by_role("button").click()
                self.assertIn(person.page.title().split(" – ")[0], ("This link does not work", "This form is out of date"))


if __name__ == "__main__":
    unittest.main()
