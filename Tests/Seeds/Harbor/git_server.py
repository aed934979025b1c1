"""Repositories over https, by git's own program, and what a bad neighbour would answer instead.

usage: git_server.py FOLDER CERTIFICATE KEY LOG; prints its port.

/NAME/…            FOLDER/NAME, as git serves it
/slow/NAME/…       the same, a MiB a second
/silent/…          no answer at all
/elsewhere/NAME/…  sent on to /NAME/…
/locked/…          asks for a password
"""

import http.server
import os
import ssl
import subprocess
import sys
import threading
import time

folder, certificate, key, log = sys.argv[1:]


class Handler(http.server.BaseHTTPRequestHandler):
    def note(self, text):
        with open(log, "a", encoding="utf-8") as file:
            file.write(text + "\n")

    def answer(self):
        path, _, query = self.path.partition("?")
        self.note(f"{self.command} {path}")
        kind, _, rest = path[1:].partition("/")
        if kind == "silent":
            threading.Event().wait()
        elif kind == "elsewhere":
            self.send_response(302)
            self.send_header("Location", "/" + rest + ("?" + query if query else ""))
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif kind == "locked":
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="somebody"')
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self.serve("/" + rest if kind == "slow" else path, query, 1 << 20 if kind == "slow" else None)

    do_GET = do_POST = answer

    def body(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def serve(self, path, query, rate):
        environment = {
            "PATH": "/usr/bin:/bin", "GIT_PROJECT_ROOT": folder, "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path,
            "QUERY_STRING": query, "REQUEST_METHOD": self.command, "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": self.headers.get("Content-Type", ""), "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""), "HOME": folder,
            "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*",
        }
        answer = subprocess.run(
            ["git", "http-backend"], input=self.body(), stdout=subprocess.PIPE, env=environment, check=True).stdout
        head, _, content = answer.partition(b"\r\n\r\n")
        fields = [line.split(": ", 1) for line in head.decode().split("\r\n")]
        status = next((value for name, value in fields if name == "Status"), "200")
        self.send_response(int(status.split()[0]))
        for name, value in fields:
            if name != "Status":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        sent = 0
        try:
            while sent < len(content):
                piece = content[sent:sent + (rate or 1 << 30) // 8]
                self.wfile.write(piece)
                sent += len(piece)
                if rate:
                    time.sleep(1 / 8)
        finally:
            self.note(f"sent {sent} of {len(content)}")

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """Whoever hangs up in the middle is what is tested here."""


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
server = Server(("127.0.0.1", 0), Handler)
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
print(server.server_port, flush=True)
# Ends with whoever started it.
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
server.serve_forever()
