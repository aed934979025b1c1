"""axe on every page, light and dark, on a desktop and a phone; weight and width too."""

import unittest

from axe_playwright_python.sync_playwright import Axe

import browser
import pages
import world
from suite import Suite

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}


LOOKS = [("light", browser.DESKTOP, "es"), ("dark", browser.DESKTOP, "en"),
         ("light", browser.PHONE, "pt-BR"), ("dark", browser.PHONE, "es")]


class Accessibility(Suite):
    def look(self, person):
        found = Axe().run(person.page, options=RULES).response["violations"]
        self.assertEqual(
            [(v["id"], [(n["html"][:160], n["failureSummary"][:300]) for n in v["nodes"][:3]]) for v in found], [])
        self.assertTrue(person.has_no_sideways_scroll())

    def test_axe_finds_no_violation_and_no_page_scrolls_sideways(self):
        for theme, size, language in LOOKS:
            people = {}
            for name, template, who in pages.EVERY:
                if who not in people:
                    # axe is put into the page by its test; the pages themselves allow no such script.
                    people[who] = browser.Person(
                        self.chromium, self.server, language, size, theme=theme, bypass_csp=True)
                    if who:
                        people[who].sign_in(who)
                        people[who].choose(pages.HOME[who])
                person = people[who]
                with self.subTest(name, theme=theme, width=size["width"], language=language):
                    person.open(pages.path(template, self.keys))
                    if name != "key-new":
                        for details in person.page.locator("details").all():
                            details.evaluate("(e) => { e.open = true; }")
                    self.look(person)
                    self.assertEqual(person.page.get_attribute("html", "lang"), language)
            for person in people.values():
                person.context.close()

    def test_axe_finds_no_violation_in_what_forms_answer(self):
        for theme, size, language in LOOKS:
            with browser.Person(
                    self.chromium, self.server, "en", size, theme=theme, bypass_csp=True).sign_in(world.OWNER) as person:
                page = person.choose(world.ORGANIZATION).page
                for name, answer in self.answers(page, f"{theme}-{size['width']}"):
                    with self.subTest(name, theme=theme, width=size["width"]):
                        answer()
                        self.look(person)

    def answers(self, page, tag):
        """What each form says after it was sent, in the order in which they are tried."""
        def send():
            page.locator("main button.primary").first.click()

        def refused():
            page.goto("/api-keys/new")
            page.fill("#name", f"Looked at, {tag}")
            page.fill("#ips", "203.0.113.0/24\nnonsense")
            send()

        def shown():
            page.fill("#ips", "")
            send()
            page.wait_for_selector("#secret")

        def replayed():
            page.reload()
            page.wait_for_selector("text=sent already")

        def revoked():
            page.goto(f"/api-keys?q=Looked+at,+{tag}")
            page.get_by_role("link", name=f"Revoke Looked at, {tag}").click()
            page.locator("form button.danger").click()
            page.wait_for_selector(".notice-good")

        def invited():
            page.goto("/members")
            page.fill("#email", f"zed-{tag}@tidewater.example")
            page.get_by_role("button", name="Make the link").click()
            page.wait_for_selector("#secret")

        def mistyped():
            page.goto("/account")
            page.fill("#current", "a wrong one entirely")
            page.fill("#new", "quite another long phrase")
            send()
            page.wait_for_selector("#problem")

        def unknown():
            page.goto("/device?user_code=BCDF-GHJK")
            page.wait_for_selector("#problem")

        def nobody():
            page.goto("/api-keys/lookup")
            page.fill("#text", "sk_of_nobody")
            send()
            page.wait_for_selector("#problem")

        def ended():
            page.goto("/api-keys/new")
            page.fill("#name", "Interrupted")
            with self.server.database() as database:
                database.execute("DELETE FROM session WHERE kind = 'console'")
            send()
            page.wait_for_selector("#email")

        def kept():
            page.fill("#email", world.OWNER)
            page.fill("#password", browser.PASSWORD)
            send()
            page.wait_for_selector("text=Your form was kept")

        steps = [refused, shown, replayed, revoked, invited, mistyped, unknown, nobody, ended, kept]
        return [(step.__name__, step) for step in steps]

    def test_everything_can_be_reached_and_done_with_the_keyboard(self):
        with browser.Person(self.chromium, self.server) as person:
            page = person.page
            page.goto("/sign-in")
            page.keyboard.type(world.OWNER)
            page.keyboard.press("Tab")
            page.keyboard.type(browser.PASSWORD)
            page.keyboard.press("Enter")
            page.wait_for_url("**/organizations**")
            person.choose(world.ORGANIZATION)
            page.keyboard.press("Tab")
            self.assertEqual(page.evaluate("document.activeElement.className"), "skip")
            page.keyboard.press("Enter")
            page.wait_for_url("**#content")
            for _ in range(3):
                page.keyboard.press("Tab")
                outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                self.assertEqual(outline, "solid")

    def test_the_first_load_of_every_page_weighs_at_most_100_KB(self):
        for name, template, who in pages.EVERY:
            if who != world.OWNER and name not in ("sign-in", "help-create"):
                continue
            with self.subTest(name), browser.Person(self.chromium, self.server) as person:
                if who and not hasattr(self, "cookies"):
                    person.sign_in(who).choose(pages.HOME[who])
                    type(self).cookies = person.context.cookies()
                if who:
                    person.context.add_cookies(self.cookies)
                weight = []
                page = person.tab()
                page.on("response", lambda r: weight.append(int(r.headers.get("content-length", 0))))
                page.goto(pages.path(template, self.keys))
                page.wait_for_load_state()
                self.assertGreaterEqual(len(weight), 3)
                self.assertLessEqual(sum(weight), 100_000)


if __name__ == "__main__":
    unittest.main()
