"""Chromium, and what a person does in it."""

import contextlib
import os
import shutil

from playwright.sync_api import sync_playwright

from server import PASSWORD  # noqa: F401

DESKTOP = {"width": 1280, "height": 860}
PHONE = {"width": 390, "height": 844}
LANGUAGES = ("en", "es", "pt-BR")


def chromium():
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


@contextlib.contextmanager
def launched():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
        try:
            yield browser
        finally:
            browser.close()


class Person:
    """Somebody at a browser of their own. Anything that the console of the browser complains about is kept."""

    def __init__(self, browser, server, language="en", size=DESKTOP, scripts=True, theme="light", **more):
        self.server = server
        self.context = browser.new_context(
            base_url=server.url, locale=language, viewport=size, java_script_enabled=scripts, color_scheme=theme,
            **more)
        self.context.set_default_timeout(10_000)
        self.complaints = []
        self.page = self.tab()

    def tab(self):
        page = self.context.new_page()
        # A page that is refused is a failed load to the browser; what it shows is tested all the same.
        refused = "Failed to load resource: the server responded with a status of 4"
        page.on("console", lambda m: self.complaints.append(m.text)
                if m.type in ("error", "warning") and not m.text.startswith(refused) else None)
        page.on("pageerror", lambda e: self.complaints.append(str(e)))
        page.on("dialog", lambda d: (self.complaints.append("dialog: " + d.message), d.dismiss()))
        return page

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()

    def sign_in(self, email, password=PASSWORD, path="/"):
        self.page.goto(path)
        self.page.fill("#email", email)
        self.page.fill("#password", password)
        self.page.click("main button[type=submit]")
        return self

    def open(self, path):
        return self.page.goto(path)

    def choose(self, slug):
        """Goes into one of several organizations."""
        self.page.goto("/organizations")
        # Whoever goes on with the keyboard means the page that comes, and not the one that is left.
        with self.page.expect_navigation():
            self.page.locator("li", has_text=slug).locator("button").click()
        return self

    @property
    def text(self):
        return self.page.inner_text("body")

    def has_no_sideways_scroll(self):
        width = self.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        return width[0] <= width[1]
