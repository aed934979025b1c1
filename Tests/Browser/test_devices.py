"""The page that lets a program without a browser in: signing in first, yes, no, and codes that nobody waits with."""

import unittest

import browser
import world
from suite import Suite

WORDS = {
    "en": {"approve": "Approve", "deny": "Deny", "approved": "Go back to your command line", "denied": "Denied",
           "unknown": "No device waits with this code", "go": "Continue"},
    "es": {"approve": "Aprobar", "deny": "Rechazar", "approved": "Vuelve a tu línea de comandos",
           "denied": "Rechazado", "unknown": "Ningún dispositivo espera con este código", "go": "Continuar"},
    "pt-BR": {"approve": "Aprovar", "deny": "Recusar", "approved": "Volte à sua linha de comando",
              "denied": "Recusado", "unknown": "Nenhum dispositivo espera com este código", "go": "Continuar"},
}
WAYS = [
    ("en", browser.DESKTOP, True), ("en", browser.DESKTOP, False), ("es", browser.PHONE, False),
    ("pt-BR", browser.PHONE, True),
]


class Devices(Suite):
    def everywhere(self, steps):
        for language, size, scripts in WAYS:
            with self.subTest(language, width=size["width"], scripts=scripts), browser.Person(
                    self.chromium, self.server, language=language, size=size, scripts=scripts) as person:
                steps(person, WORDS[language])
                self.assertEqual(person.complaints, [])

    def test_a_person_signs_in_on_the_way_compares_the_code_and_approves(self):
        def steps(person, words):
            device = self.server.device()
            person.sign_in(world.ADMIN, path=device["verification_uri_complete"])
            text = person.page.inner_text("main")
            for shown in (device["user_code"], "127.0.0.1"):
                self.assertIn(shown, text)
            self.assertTrue(person.has_no_sideways_scroll())
            person.page.get_by_role("button", name=words["approve"], exact=True).click()
            self.assertIn(words["approved"], person.page.inner_text("main"))
            status, answer = self.server.token_of(device)
            self.assertEqual(status, 200)
            me = self.server.must("GET", "/v1/me", None, {"Authorization": f"Bearer {answer['access_token']}"})
            self.assertEqual(me["name"], "Ben Madeup")
            # Going back and sending it again finds nobody who waits.
            person.open(device["verification_uri_complete"])
            self.assertIn(words["unknown"], person.page.inner_text("#problem"))

        self.everywhere(steps)

    def test_a_person_denies_and_the_program_is_told(self):
        def steps(person, words):
            device = self.server.device()
            person.sign_in(world.ADMIN, path="/device")
            # As people type: small letters, and without the hyphen.
            person.page.fill("#user_code", device["user_code"].lower().replace("-", ""))
            person.page.get_by_role("button", name=words["go"], exact=True).click()
            self.assertIn(device["user_code"], person.page.inner_text("main"))
            person.page.get_by_role("button", name=words["deny"], exact=True).click()
            self.assertIn(words["denied"], person.page.inner_text("main"))
            status, answer = self.server.token_of(device)
            self.assertEqual((status, answer["error"]), (400, "access_denied"))

        self.everywhere(steps)

    def test_a_code_that_nobody_waits_with_is_refused_and_can_be_corrected(self):
        def steps(person, words):
            person.sign_in(world.ADMIN, path="/device")
            for code in ("BCDF-GHJK", "nonsense", "<b>x</b>"):
                person.page.fill("#user_code", code)
                person.page.get_by_role("button", name=words["go"], exact=True).click()
                self.assertIn(words["unknown"], person.page.inner_text("#problem"))
                self.assertEqual(person.page.input_value("#user_code"), code)

        self.everywhere(steps)

    def test_following_a_link_approves_nothing(self):
        device = self.server.device()
        with browser.Person(self.chromium, self.server).sign_in(world.ADMIN) as person:
            answer = person.open(device["verification_uri_complete"] + "&decision=approve&approve=yes")
            self.assertEqual(answer.status, 200)
        self.assertEqual(self.server.token_of(device)[1]["error"], "authorization_pending")


if __name__ == "__main__":
    unittest.main()
