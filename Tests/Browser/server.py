"""The real program on ports of its own and in a folder of its own."""

import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("KEYBEARER_PROGRAM", str(ROOT / ".build/debug/keybearer"))
PASSWORD = "a long enough pass phrase"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    def __init__(self, settings=""):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="keybearer-browser-"))
        self.port, self.verification_port = free_port(), free_port()
        self.url = f"http://localhost:{self.port}"
        self.configuration = self.folder / "keybearer.yaml"
        self.configuration.write_text(
            f"""control: {{listen: "127.0.0.1:{self.port}", public_url: "{self.url}"}}
verification: {{listen: "127.0.0.1:{self.verification_port}"}}
cluster: {{node_name: node-a}}
database: {{url: "sqlite:./data/keybearer.sqlite"}}
{settings}
"""
        )
        self.process = None
        self.token = None

    def start(self):
        log = open(self.folder / "server.log", "ab")
        environment = {k: v for k, v in os.environ.items() if not k.startswith("KEYBEARER_")}
        self.process = subprocess.Popen(
            [PROGRAM, "serve", "--config", str(self.configuration)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment,
        )
        for _ in range(600):
            if self.process.poll() is not None:
                raise RuntimeError("the server ended at its start:\n" + self.log())
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2)
                break
            except OSError:
                time.sleep(0.02)
        else:
            raise RuntimeError("the server was not ready in time:\n" + self.log())
        self.token = self.token or self.command("operator", "token", "create", "--name", "backend").strip()
        return self

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)

    def close(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()

    def log(self):
        return (self.folder / "server.log").read_text(errors="replace")

    def command(self, *arguments, text=None):
        return subprocess.run(
            [PROGRAM, *arguments, "--config", str(self.configuration)],
            input=text, capture_output=True, text=True, check=True,
        ).stdout

    # The operator's backend

    def call(self, method, path, body=None, headers=None, port=None):
        """Status and JSON of a call, by default with the operator's token."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{port or self.port}{path}", method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self.token}", **(headers or {})},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null")

    def must(self, *arguments, **more):
        status, answer = self.call(*arguments, **more)
        assert 200 <= status < 300, (arguments, status, answer)
        return answer

    def organization(self, slug, name, plan="enterprise", **more):
        return self.must("PUT", f"/v1/operator/organizations/{slug}", {"name": name, "plan": plan, **more})

    def member(self, slug, email, role, name):
        self.must("PUT", f"/v1/operator/organizations/{slug}/members/{email}", {"role": role, "name": name})

    def password(self, email, password=PASSWORD):
        self.command("user", "set-password", email, "--password-stdin", text=password + "\n")

    def acting(self, email, slug):
        return {"Keybearer-Organization": slug, "Keybearer-On-Behalf-Of": email}

    def key(self, email, slug, name, permissions=("project:read",), **more):
        body = {"name": name, "permissions": list(permissions), **more}
        return self.must("POST", "/v1/api-keys", body, self.acting(email, slug))

    def device(self):
        """A program that asks to be let in, as RFC 8628 has it; answers with its two codes."""
        return self.form("/v1/device/authorization", client_id="keybearer-cli")[1]

    def token_of(self, device):
        """Status and answer of the program's next question; 5 s have to pass between two."""
        return self.form(
            "/v1/device/token", grant_type="urn:ietf:params:oauth:grant-type:device_code",
            client_id="keybearer-cli", device_code=device["device_code"])

    def form(self, path, **fields):
        request = urllib.request.Request(self.url + path, data=urllib.parse.urlencode(fields).encode())
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def verify(self, key, permission=None, ip=None):
        body = {"key": key} | ({"permission": permission} if permission else {}) | ({"ip": ip} if ip else {})
        return self.must("POST", "/v1/verify", body, port=self.verification_port)

    def database(self):
        """A connection of our own to the database, for what only time would bring."""
        connection = sqlite3.connect(self.folder / "data/keybearer.sqlite", timeout=30)
        connection.isolation_level = None
        return connection
