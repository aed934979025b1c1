"""One server with one world for all tests of a module, and one browser."""

import unittest

import browser
import pages
import world
from server import Server


class Suite(unittest.TestCase):
    settings = ""

    @classmethod
    def setUpClass(cls):
        cls.server = Server(cls.settings).start()
        cls.addClassCleanup(cls.server.close)
        cls.keys = pages.people(cls.server, world.fill(cls.server))
        launched = browser.launched()
        cls.chromium = launched.__enter__()
        cls.addClassCleanup(launched.__exit__, None, None, None)
