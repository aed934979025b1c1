"""Page Z's walk through the console of a product that Keybearer is inside of: the example platform Harbor."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
import urllib.request

import browser
import server

PROGRAM = os.environ.get("HARBOR_SERVER_PROGRAM", str(pathlib.Path(server.PROGRAM).parent / "harbor-server"))
OWNER = "ana@tern.example"


class Harbor(server.Server):
    """`harbor-server` instead of `keybearer serve`; its database is Keybearer's, so local commands work beside it."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="harbor-browser-"))
        self.port, self.sites_port = server.free_port(), server.free_port()
        self.url = f"http://localhost:{self.port}"
        self.process = None
        self.token = None

    def start(self):
        repository = self.folder / "repositories" / "pages"
        repository.mkdir(parents=True)
        (repository / "index.html").write_text("<!doctype html><title>Terns</title><h1>A page of terns</h1>")
        for arguments in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "first"]):
            subprocess.run(
                ["git", "-c", "user.name=Test", "-c", "user.email=test@tern.example", *arguments],
                cwd=repository, check=True)
        log = open(self.folder / "server.log", "ab")
        self.process = subprocess.Popen(
            [PROGRAM, "--data", str(self.folder / "data"), "--listen", f"127.0.0.1:{self.port}",
             "--sites", f"127.0.0.1:{self.sites_port}", "--repositories", str(self.folder / "repositories")],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        for _ in range(1500):
            if self.process.poll() is not None:
                raise RuntimeError("harbor-server ended at its start:\n" + self.log())
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2)
                break
            except OSError:
                time.sleep(0.02)
        else:
            raise RuntimeError("harbor-server was not ready in time:\n" + self.log())
        self.token = self.command("operator", "token", "create", "--name", "backend").strip()
        return self

    def command(self, *arguments, text=None):
        return subprocess.run(
            [server.PROGRAM, *arguments, "--data", str(self.folder / "data")],
            input=text, capture_output=True, text=True, check=True).stdout

    def close(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)


class HarborWalk(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.harbor = Harbor()
        cls.addClassCleanup(cls.harbor.close)
        cls.harbor.start()
        cls.harbor.organization("tern", "The tern company")
        cls.harbor.member("tern", OWNER, "owner", "Ana Tern")
        cls.harbor.password(OWNER)
        launched = browser.launched()
        cls.chromium = launched.__enter__()
        cls.addClassCleanup(launched.__exit__, None, None, None)

    def key(self, person, name):
        """Walks page Z's six steps; the key that is shown."""
        page = person.page
        page.goto("/api-keys")
        page.get_by_role("link", name="Create API key", exact=True).click()
        page.fill("#name", name)
        for permission in ("project:create", "project:deploy", "project:read"):
            page.check(f"input[value='{permission}']")
        page.fill("#ips", "127.0.0.1")
        page.check("input[name=expiry][value='90']")
        page.get_by_role("button", name="Generate", exact=True).click()
        return page.input_value("#secret")

    def call(self, key, method, path, body=None):
        return self.harbor.call(method, path, body, {"Authorization": f"Bearer {key}"})

    def test_Z3_a_key_made_in_the_console_deploys_on_harbor(self):
        with browser.Person(self.chromium, self.harbor).sign_in(OWNER) as person:
            key = self.key(person, "Pipeline")
            self.assertRegex(key, r"^hbr_[0-9a-f]{64}$")
            self.assertIn("Harbor", person.page.title() + person.text)
            self.assertEqual(person.complaints, [])
        new = {"name": "pages", "type": "http", "repository": "local:pages"}
        status, project = self.call(key, "POST", "/v1/project", new)
        self.assertEqual(status, 201, project)
        path = f"/v1/project/{project['id']}/deployment"
        status, deployment = self.call(key, "POST", path, {})
        self.assertEqual(status, 202, deployment)
        while deployment["status"] not in ("published", "failed"):
            deployment = self.call(key, "GET", f"{path}/{deployment['id']}?wait=5&after=1000000")[1]["deployment"]
        self.assertEqual(deployment["status"], "published")
        status, refused = self.call(key, "GET", "/v1/billing")
        self.assertEqual((status, refused["code"]), (403, "insufficient_permissions"))
        # The site, in the same browser as the console: another origin, to which no cookie goes.
        with browser.Person(self.chromium, self.harbor).sign_in(OWNER) as person:
            page = person.tab()
            page.goto(project["url"] + "/")
            self.assertEqual(page.inner_text("h1"), "A page of terns")
            self.assertEqual(page.evaluate("document.cookie"), "")
            self.assertNotEqual(page.evaluate("location.origin"), self.harbor.url)

    def test_Z4_after_that_the_console_shows_metadata_and_a_preview_alone(self):
        with browser.Person(self.chromium, self.harbor).sign_in(OWNER) as person:
            key = self.key(person, "Shown once")
            person.page.goto("/api-keys")
            self.assertIn("Shown once", person.text)
            self.assertNotIn(key, person.page.content())
            self.assertIn(key[-4:], person.text)
            person.page.get_by_role("link", name="Shown once").first.click()
            self.assertNotIn(key, person.page.content())
            self.assertIn("Ana Tern", person.text)

    def test_Z12_a_member_of_harbors_own_role_sees_what_it_permits(self):
        self.harbor.member("tern", "dee@tern.example", "deployer", "Dee Tern")
        self.harbor.password("dee@tern.example")
        with browser.Person(self.chromium, self.harbor).sign_in("dee@tern.example") as person:
            self.assertEqual(person.open("/api-keys").status, 200)
            self.assertEqual(person.open("/members").status, 403)


if __name__ == "__main__":
    unittest.main()
