"""`keybearer login` at one end, a person in a real browser at the other."""

import os
import re
import subprocess
import tempfile
import time
import unittest

import browser
import world
from server import PASSWORD, PROGRAM
from suite import Suite

ASKS = re.compile(r"Open (http\S+/device) and enter the code ([A-Z]{4}-[A-Z]{4})")


class Terminal:
    """The command line on a machine without a browser, as over SSH."""

    def __init__(self, server):
        self.folder = tempfile.TemporaryDirectory()
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("KEYBEARER_")} | {
            "KEYBEARER_URL": f"http://127.0.0.1:{server.port}", "KEYBEARER_CONFIG_DIR": self.folder.name,
            "SSH_CONNECTION": "203.0.113.9 50000 203.0.113.1 22",
        }
        self.login = None
        self.shown = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.login and self.login.poll() is None:
            self.login.kill()
        if self.login:
            self.login.wait()
            self.login.stderr.close()
        self.folder.cleanup()

    def asks(self):
        """Starts to sign in; the address and the code that it shows."""
        self.login = subprocess.Popen(
            [PROGRAM, "login"], env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True)
        while line := self.login.stderr.readline():
            self.shown += line
            if match := ASKS.search(line):
                return match.groups()
        raise AssertionError("no code was shown: " + self.shown)

    def ends(self):
        """The status with which signing in ends; what it said is in `shown`."""
        self.shown += self.login.stderr.read()
        return self.login.wait(60)

    def run(self, *arguments):
        return subprocess.run([PROGRAM, *arguments], env=self.environment, capture_output=True, text=True)


class Devices(Suite):
    def arrive(self, person, address):
        """Opens the address that the terminal shows; the page asks who it is and comes back."""
        page = person.page
        page.goto(address)
        page.fill("#email", world.ADMIN)
        page.fill("#password", PASSWORD)
        page.click("main button[type=submit]")
        return page

    def test_a_person_types_the_code_compares_it_and_approves(self):
        for language, size, scripts, approve, kind in [
            ("en", browser.DESKTOP, True, "Approve", "Command line or program"),
            ("es", browser.PHONE, False, "Aprobar", "Línea de comandos o programa"),
            ("pt-BR", browser.PHONE, True, "Aprovar", "Linha de comando ou programa"),
        ]:
            with self.subTest(language), Terminal(self.server) as terminal, browser.Person(
                    self.chromium, self.server, language=language, size=size, scripts=scripts) as person:
                address, code = terminal.asks()
                page = self.arrive(person, address)
                # As people type: small letters, without the hyphen.
                page.fill("#user_code", code.replace("-", "").lower())
                page.click("main button[type=submit]")
                shown = page.inner_text("main")
                for expected in [code, "Keybearer command line", "127.0.0.1"]:
                    self.assertIn(expected, shown)
                self.assertTrue(person.has_no_sideways_scroll())
                self.assertIsNone(terminal.login.poll())
                page.get_by_role("button", name=approve, exact=True).click()
                self.assertTrue(page.url.endswith("/account"), page.url)
                self.assertEqual(terminal.ends(), 0, terminal.shown)
                self.assertIn(f"as {world.ADMIN}", terminal.shown)
                self.assertIn(world.ADMIN, terminal.run("whoami").stdout)
                # The session is one of the person's, and ends on the person's page.
                page.reload()
                session = page.locator("main li", has_text=kind)
                self.assertEqual(session.count(), 1)
                session.locator("button").click()
                self.assertEqual(terminal.run("whoami").returncode, 3)
                self.assertEqual(person.complaints, [])

    def test_a_link_with_the_code_approves_nothing_by_itself(self):
        with Terminal(self.server) as terminal, browser.Person(self.chromium, self.server) as person:
            address, code = terminal.asks()
            page = self.arrive(person, f"{address}?user_code={code}")
            self.assertIn(code, page.inner_text("main"))
            page.reload()
            page.go_back()
            page.goto(f"{address}?user_code={code}")
            self.assertIsNone(terminal.login.poll())
            page.get_by_role("button", name="Deny", exact=True).click()
            self.assertIn("Denied.", page.inner_text("main"))
            self.assertEqual(terminal.ends(), 4)
            self.assertIn("turned down", terminal.shown)
            self.assertEqual(terminal.run("auth", "status").returncode, 3)
            # What was answered once is answered.
            page.goto(f"{address}?user_code={code}")
            self.assertEqual(page.locator("button[value=approve]").count(), 0)
            self.assertIn("No device waits with this code", page.inner_text("main"))

    def test_a_login_that_nobody_answers_in_time_ends(self):
        with Terminal(self.server) as terminal, browser.Person(self.chromium, self.server) as person:
            address, code = terminal.asks()
            page = self.arrive(person, f"{address}?user_code={code}")
            with self.server.database() as database:
                # Ten minutes pass.
                database.execute("UPDATE device_login SET expires_at = ? WHERE state = 'pending'",
                                 (int(time.time() * 1_000_000),))
            page.get_by_role("button", name="Approve", exact=True).click()
            self.assertEqual(page.locator("button[value=approve]").count(), 0)
            self.assertEqual(terminal.ends(), 3)
            self.assertIn("not answered in time", terminal.shown)


if __name__ == "__main__":
    unittest.main()
