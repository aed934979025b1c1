"""The programs beside which Keybearer is measured: their configuration from one key file, and how each is started."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
CADDY_KEYS = 1000


@dataclass
class Peer:
    """One row of the table."""

    name: str
    port: int
    command: list[str]
    version: str
    does: str
    keys: Path
    environment: dict[str, str] = field(default_factory=dict)


def fill(template: str, values: dict[str, object]) -> str:
    """Only the named places: braces mean something in every one of these languages."""
    text = (HERE / "peers" / template).read_text()
    for name, value in values.items():
        text = text.replace("{" + name + "}", str(value))
    return text


def version_of(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    except OSError:
        return "unknown"
    lines = (done.stdout + done.stderr).strip().splitlines()
    return lines[0].strip() if lines else "unknown"


def program(name: str, environment: Path) -> str | None:
    """In the Python environment, on the path, or where Debian keeps what administrators run."""
    path = os.pathsep.join([str(environment / "bin"), os.environ.get("PATH", ""), "/usr/sbin"])
    return shutil.which(name, path=path)


def configure(folder: Path, keys: Path, environment: Path, first_port: int) -> list[Peer]:
    """Writes every configuration into the folder; peers that are not installed are left out."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = keys.read_text().split()
    found: list[Peer] = []
    for index, make in enumerate((nginx_map, haproxy, nginx_lua, envoy, caddy)):
        peer = make(folder, keys, texts, environment, first_port + index)
        if peer is not None:
            found.append(peer)
    return found


def nginx_map(folder: Path, keys: Path, texts: list[str], environment: Path, port: int) -> Peer | None:
    nginx = program("nginx", environment)
    if nginx is None:
        return None
    (folder / "nginx-map.keys").write_text("".join(f'"Bearer {text}" 1;\n' for text in texts))
    values = {"folder": folder, "port": port, "hash_size": max(2048, len(texts) * 4)}
    (folder / "nginx-map.conf").write_text(fill("nginx-map.conf", values))
    return Peer(
        "nginx map", port, [nginx, "-c", str(folder / "nginx-map.conf"), "-p", str(folder)],
        version_of([nginx, "-v"]).removeprefix("nginx version: "), "plain keys; known or not, nothing else", keys)


def nginx_lua(folder: Path, keys: Path, texts: list[str], environment: Path, port: int) -> Peer | None:
    nginx, modules = program("nginx", environment), Path("/usr/lib/nginx/modules")
    if nginx is None or not (modules / "ngx_http_lua_module.so").exists():
        return None
    values = {"folder": folder, "port": port, "keys": keys, "modules": modules}
    (folder / "nginx-lua.conf").write_text(fill("nginx-lua.conf", values))
    return Peer(
        "nginx + Lua", port, [nginx, "-c", str(folder / "nginx-lua.conf"), "-p", str(folder)],
        version_of([nginx, "-v"]).removeprefix("nginx version: ") + ", ngx_http_lua of Debian",
        "SHA-256 by OpenSSL, shared dictionary; known or not, nothing else", keys)


def haproxy(folder: Path, keys: Path, texts: list[str], environment: Path, port: int) -> Peer | None:
    command = program("haproxy", environment)
    if command is None:
        return None
    (folder / "haproxy.keys").write_text("".join(f"{text} 1\n" for text in texts))
    (folder / "haproxy.cfg").write_text(fill("haproxy.cfg", {"folder": folder, "port": port}))
    version = " ".join(version_of([command, "-v"]).split()[:3]).replace(" version", "")
    return Peer(
        "HAProxy map", port, [command, "-db", "-q", "-f", str(folder / "haproxy.cfg")], version,
        "plain keys; known or not, nothing else", keys)


def envoy(folder: Path, keys: Path, texts: list[str], environment: Path, port: int) -> Peer | None:
    command = program("envoy", environment)
    if command is None:
        return None
    credentials = "".join(f"              - {{key: {text}, client: c}}\n" for text in texts)
    head = fill("envoy.head.yaml", {"port": port})
    (folder / "envoy.yaml").write_text(head + credentials + fill("envoy.tail.yaml", {}))
    arguments = ["--config-path", str(folder / "envoy.yaml"), "--concurrency", "1", "--log-level", "error",
                 "--disable-hot-restart"]
    version = re.search(r"\d+\.\d+\.\d+", version_of([command, "--version"]).split("version:")[-1])
    return Peer(
        "Envoy api_key_auth", port, [command, *arguments], "Envoy " + (version[0] if version else "of unknown version"),
        "plain keys; known or not and the client's name", keys)


def caddy(folder: Path, keys: Path, texts: list[str], environment: Path, port: int) -> Peer | None:
    command = program("caddy", environment)
    if command is None:
        return None
    few = texts[:CADDY_KEYS]
    few_keys = folder / "caddy-texts.keys"
    few_keys.write_text("".join(text + "\n" for text in few))
    (folder / "caddy.keys").write_text("".join(f'"Bearer {text}" 1\n' for text in few))
    (folder / "Caddyfile").write_text(fill("Caddyfile", {"folder": folder, "port": port}))
    version = version_of([command, "version"]).split()[0]
    arguments = ["run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]
    return Peer(
        "Caddy map (1,000 keys)", port, [command, *arguments], "Caddy " + version,
        "plain keys, 1,000 instead of 100,000; known or not, nothing else", few_keys,
        {"GOMAXPROCS": "1", "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)})
