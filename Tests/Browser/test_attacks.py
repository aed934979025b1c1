"""Stored scripts, forged forms, frames, fixed sessions and caches, tried with a real browser."""

import http.server
import threading
import unittest
import urllib.request

import browser
import pages
import world
from suite import Suite

PAYLOADS = [
    "<script>alert(1)</script>", "\"><script>alert(1)</script>", "'><img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>", "</title><script>alert(1)</script>", "</textarea><script>alert(1)</script>",
    "\" autofocus onfocus=alert(1) x=\"", "' onmouseover='alert(1)", "javascript:alert(1)", "{{constructor}}",
    "{{{page.chart}}}", "{{#page}}x{{/page}}", "{name}{organization}", "${alert(1)}", "<!--<script>alert(1)", "]]><script>alert(1)//",
    "&lt;script&gt;alert(1)&lt;/script&gt;", "&#60;script&#62;", "\\\"><b onclick=alert(1)>", "<a href=javascript:alert(1)>x",
    "<iframe srcdoc='<script>alert(1)</script>'>", "<base href=//evil.example>", "<meta http-equiv=refresh content=0;//e>",
    "<form action=//evil.example><button>", "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "\"\u0301 onfocus=alert(1) autofocus x=\"\u0301", "'\u20dd onfocus=alert(1) autofocus x='\u20dd", "<\u0301script>alert(1)</script>",
    "＜script＞alert(1)＜/script＞", "`onclick=alert(1)`", "**<b>**", "%3Cscript%3Ealert(1)%3C/script%3E",
    "=HYPERLINK(\"//evil.example\")", "<style>@import '//evil.example'</style>", "<link rel=stylesheet href=//evil.example>",
    "<object data=javascript:alert(1)>", "<details open ontoggle=alert(1)>", "<input onfocus=alert(1) autofocus>",
    "<video><source onerror=alert(1)>", "<x contenteditable onblur=alert(1)>", "-->'\"/></sCript><deTailS open ontoGgle=alert(1)>",
]

# Each way out of where a text may stand, with each thing that would run: names of keys alone, since those stand in most
# places.
PAYLOADS_OF_NAMES = [
    before + what
    for before in ("", "\">", "'>", "</a>", "</code></td>", "-->", "</script>", "</style>", "</noscript>", "&quot;>", "\u00a0")
    for what in ("<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", "<script src=//evil.example></script>",
                 "<a href=\"javascript:alert(1)\">x</a>", "<b style=\"background:url(//evil.example)\">",
                 "<body onpageshow=alert(1)>", "<marquee onstart=alert(1)>", "<template><script>alert(1)</script></template>")
]

INTRUDERS = """() => [...document.querySelectorAll('*')].filter((e) =>
  [...e.attributes].some((a) => a.name.startsWith('on') || /^\\s*javascript:/i.test(a.value) && ['href', 'src', 'action', 'data'].includes(a.name))
  || ['IFRAME', 'OBJECT', 'EMBED', 'BASE', 'STYLE', 'VIDEO', 'MATH'].includes(e.tagName.toUpperCase())
  || (e.tagName === 'SCRIPT' && !e.src.includes('/assets/console.'))
  || (e.tagName === 'IMG' && !e.src.includes('/assets/'))
  || (e.tagName === 'LINK' && !e.href.includes('/assets/'))
  || (e.tagName === 'FORM' && new URL(e.getAttribute('action') || '', location).origin !== location.origin)).map((e) => e.outerHTML)"""


class Stored(Suite):
    def test_A30_nothing_that_people_write_becomes_markup(self):
        import unicodedata

        self.server.organization("evil", "x")
        self.server.member("evil", "eve@evil.example", "owner", "Eve")
        self.server.password("eve@evil.example")
        acting = self.server.acting("eve@evil.example", "evil")
        identifiers = []
        for number, text in enumerate(PAYLOADS):
            text = unicodedata.normalize("NFC", text)
            made = self.server.key(
                "eve@evil.example", "evil", text[:100], [], labels={text[:60] + str(number): text})["api_key"]["id"]
            identifiers.append(made)
            self.server.member("evil", f"m{number}@evil.example", "member", text[:100])
            if number % 2:
                self.server.must("POST", f"/v1/api-keys/{made}/revoke", {"reason": text}, acting)
        for text in PAYLOADS_OF_NAMES:
            self.server.key("eve@evil.example", "evil", text[:100], [])
        self.assertGreaterEqual(len(set(PAYLOADS + PAYLOADS_OF_NAMES)), 120)
        with browser.Person(self.chromium, self.server).sign_in("eve@evil.example") as person:
            for page in range(1, 8):
                self.look(person, f"/api-keys?status=all&page={page}")
                self.assertEqual(person.page.locator("#keys").count(), 1)
            for name in (PAYLOADS[1], PAYLOADS[25]):
                self.server.must("PATCH", "/v1/organization", {"name": unicodedata.normalize("NFC", name)}, acting)
                paths = ["/api-keys?status=all", "/api-keys/review", "/members", "/audit",
                         "/settings", "/organizations", "/plan"]
                for path in paths:
                    self.look(person, path)
            for identifier in identifiers:
                for path in ("", "/edit", "/revoke"):
                    self.look(person, f"/api-keys/{identifier}{path}")
        with self.server.database() as database:
            hits = database.execute("SELECT count(*) FROM api_key WHERE name LIKE '%script%'").fetchone()[0]
        self.assertGreater(hits, 5)

    def look(self, person, path):
        self.assertLess(person.open(path).status, 500, path)
        self.assertEqual(person.page.evaluate(INTRUDERS), [], path)
        self.assertEqual(person.complaints, [], path)

    def test_A30_nothing_in_an_address_or_a_refused_form_becomes_markup(self):
        import urllib.parse

        with browser.Person(self.chromium, self.server).sign_in(world.OWNER) as person:
            person.choose(world.ORGANIZATION)
            for text in PAYLOADS:
                quoted = urllib.parse.quote(text)
                for path in (f"/api-keys?q={quoted}", f"/audit?actor={quoted}&from={quoted}",
                             f"/api-keys/{self.keys['Nightly deploy']}/explain?permission={quoted}&ip={quoted}"):
                    self.look(person, path)
            person.open("/api-keys/new")
            person.page.fill("#name", "x" * 100)
            person.page.locator("details summary").first.click()
            for selector in ("#ips", "#instances"):
                person.page.fill(selector, "\n".join(PAYLOADS[:12]))
            person.page.locator("main button.primary").click()
            self.assertIn("&lt;script&gt;", person.page.inner_html("#ips-error"))
            self.assertEqual(person.page.evaluate(INTRUDERS), [])
            self.assertEqual(person.complaints, [])


class Evil:
    """A site of somebody else's on this machine: `localhost` is the same site with another port, `127.0.0.1` is not."""

    def __init__(self):
        outer = self
        self.html = ""

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(outer.html.encode())

            def log_message(self, *_):
                pass

        self.httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.httpd.server_port
        threading.Thread(target=self.httpd.serve_forever, daemon=True).start()

    def close(self):
        self.httpd.shutdown()


class Foreign(Suite):
    def setUp(self):
        self.evil = Evil()
        self.addCleanup(self.evil.close)

    def test_A31_forms_images_and_scripts_of_other_sites_change_nothing(self):
        key = self.keys["Nightly deploy"]
        targets = [
            (f"/api-keys/{key}/revoke", {"reason": "x"}), (f"/api-keys/{key}/disable", {}),
            (f"/api-keys/{key}/rotate", {"overlap": "0", "form": "0" * 64}),
            ("/api-keys", {"name": "forged", "form": "0" * 64}), ("/settings", {"name": "Forged"}),
            ("/members/" + self.keys["ben"] + "/remove", {}), ("/members/" + self.keys["ben"], {"role": "owner"}),
            ("/sign-out", {}), ("/account/password", {"current": browser.PASSWORD, "new": "a forged long phrase"}),
            ("/members/invitations", {"email": "evil@evil.example", "role": "owner", "form": "0" * 64}),
        ]
        before = self.state()
        with browser.Person(self.chromium, self.server).sign_in(world.OWNER) as person:
            person.choose(world.ORGANIZATION)
            for host in ("localhost", "127.0.0.1"):
                for path, fields in targets:
                    inputs = "".join(f"<input name='{n}' value='{v}'>" for n, v in fields.items())
                    self.evil.html = (
                        f"<img src='{self.server.url}{path}'><form method=post action='{self.server.url}{path}'>{inputs}"
                        "</form><script>document.forms[0].submit()</script>")
                    with person.page.expect_navigation(url=lambda u: u.startswith(self.server.url)):
                        person.page.goto(f"http://{host}:{self.evil.port}/", wait_until="commit")
                    self.assertIn("out of date", person.page.inner_text("main"), path)
                    body = "&".join(f"{n}={v}" for n, v in fields.items())
                    self.evil.html = "<p>fetching</p>"
                    person.page.goto(f"http://{host}:{self.evil.port}/")
                    person.page.evaluate(
                        """([url, body]) => fetch(url, {method: 'POST', mode: 'no-cors', credentials: 'include', body,
                           headers: {'Content-Type': 'application/x-www-form-urlencoded'}}).catch(() => null)""",
                        [self.server.url + path, body])
            self.assertEqual(person.open("/api-keys").status, 200)
        self.assertEqual(self.state(), before)

    def state(self):
        with self.server.database() as database:
            return [
                database.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()
                for table in ("api_key", "organization", "member", "invitation", "person")]

    def test_no_page_lets_itself_be_framed_and_each_keeps_out_of_caches(self):
        with browser.Person(self.chromium, self.server).sign_in(world.OWNER) as person:
            person.choose(world.ORGANIZATION)
            for name, template, who in pages.EVERY:
                if who not in (world.OWNER, None):
                    continue
                headers = person.open(pages.path(template, self.keys)).all_headers()
                self.assertIn("frame-ancestors 'none'", headers["content-security-policy"], name)
                self.assertIn("default-src 'none'", headers["content-security-policy"], name)
                self.assertNotIn("unsafe", headers["content-security-policy"], name)
                self.assertEqual(headers["x-frame-options"], "DENY", name)
                self.assertEqual(headers["cache-control"], "no-store", name)
            self.evil.html = f"<iframe src='{self.server.url}/api-keys' width=800 height=600></iframe>"
            person.page.goto(f"http://localhost:{self.evil.port}/")
            person.page.wait_for_timeout(300)
            frames = [f for f in person.page.frames if f is not person.page.main_frame]
            self.assertTrue(all("API keys" not in (f.content() if f.url.startswith("http") else "") for f in frames))

    def test_A32_a_session_that_somebody_planted_is_replaced_at_sign_in(self):
        with browser.Person(self.chromium, self.server) as thief:
            thief.sign_in(world.ADMIN)
            planted = next(c for c in thief.context.cookies() if c["name"] == "keybearer")
            with browser.Person(self.chromium, self.server) as person:
                person.context.add_cookies([{"name": "keybearer", "value": planted["value"], "url": self.server.url}])
                person.open("/account")
                person.page.get_by_role("button", name="Sign out").click()
                person.sign_in(world.OWNER, path="/sign-in")
                own = next(c for c in person.context.cookies() if c["name"] == "keybearer")
                self.assertNotEqual(own["value"], planted["value"])
                self.assertTrue(own["httpOnly"])
                self.assertEqual(own["sameSite"], "Strict")
                thief.open("/account")
                self.assertIn("/sign-in", thief.page.url)

    def test_a_link_from_another_site_finds_the_session_again(self):
        with browser.Person(self.chromium, self.server).sign_in(world.OWNER) as person:
            person.choose(world.ORGANIZATION)
            self.evil.html = f"<a href='{self.server.url}/api-keys'>to the keys</a>"
            person.page.goto(f"http://127.0.0.1:{self.evil.port}/")
            person.page.get_by_text("to the keys").click()
            person.page.wait_for_selector("#keys")

    def test_A29_no_key_is_in_the_log_the_database_or_a_page(self):
        with browser.Person(self.chromium, self.server).sign_in(world.OWNER) as person:
            person.choose(world.ORGANIZATION)
            person.open("/api-keys/new")
            person.page.fill("#name", "Canary")
            person.page.locator("main button.primary").click()
            key = person.page.input_value("#secret")
            person.open("/api-keys/lookup")
            person.page.fill("#text", key)
            person.page.locator("main button.primary").click()
            for name, template, who in pages.EVERY:
                if who == world.OWNER:
                    person.open(pages.path(template, self.keys))
                    self.assertNotIn(key[10:50], person.page.content(), name)
        secret = key[9:60].encode()
        for path in self.server.folder.rglob("*"):
            if path.is_file():
                self.assertNotIn(secret, path.read_bytes(), str(path))


if __name__ == "__main__":
    unittest.main()
