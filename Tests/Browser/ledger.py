"""nginx, Keybearer and Ledger, as `make ledger` starts them."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from server import PASSWORD, ROOT, free_port

EXAMPLE = ROOT / "Examples/Ledger"
PROGRAMS = pathlib.Path(os.environ.get("LEDGER_PROGRAMS", ROOT / ".build/debug"))


def four_ports():
    """The first of four in a row that nobody has."""
    while True:
        first = free_port()
        if first > 65000:
            continue
        taken = []
        try:
            for port in range(first, first + 4):
                taken.append(socket.create_server(("127.0.0.1", port)))
            return first
        except OSError:
            continue
        finally:
            for listener in taken:
                listener.close()


class Stack:
    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ledger-browser-"))
        self.port = four_ports()
        self.url = f"http://localhost:{self.port}"
        self.output = self.folder / "output"
        environment = {k: v for k, v in os.environ.items() if not k.startswith("KEYBEARER_")}
        with open(self.output, "wb") as output:
            self.process = subprocess.Popen(
                [str(EXAMPLE / "start"), "--folder", str(self.folder / "run"), "--port", str(self.port)],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                env=environment | {"LEDGER_PROGRAMS": str(PROGRAMS)},
            )
        for _ in range(1200):
            text = self.output.read_text()
            if "ready\n" in text:
                return
            if self.process.poll() is not None:
                raise RuntimeError("Ledger did not start:\n" + text)
            time.sleep(0.05)
        raise RuntimeError("Ledger was not ready in time:\n" + self.output.read_text())

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)

    def ledger(self, *arguments, text=""):
        run = self.folder / "run"
        subprocess.run(
            [str(PROGRAMS / "ledger"), *arguments, "--data", str(run / "ledger.sqlite"), "--control",
             f"http://127.0.0.1:{self.port + 2}", "--operator-token-file", str(run / "operator-token")],
            input=text, text=True, capture_output=True, check=True)

    def workspace(self, slug, name, plan="pro"):
        self.ledger("workspace", slug, "--name", name, "--plan", plan)

    def member(self, slug, email, role, name):
        self.ledger(
            "member", slug, email, "--name", name, "--role", role, "--password-stdin", text=PASSWORD + "\n")

    def api(self, method, path, key, body=None):
        """Status and JSON, through nginx."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {key}"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def curl(self, key):
        """The status that a script outside sees."""
        return subprocess.run(
            ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", f"{self.url}/api/invoices",
             "-H", f"Authorization: Bearer {key}"], capture_output=True, text=True, check=True).stdout
