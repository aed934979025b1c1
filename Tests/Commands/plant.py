"""Plants keys among noise for the scanner to find.

plant.py tree FOLDER MEGABYTES KEYS      files, with as many lines of random hex that only look like keys
plant.py history FOLDER COMMITS KEYS     a repository's history, the keys in old versions of its files

SEED chooses another text; it is printed."""
import os
import random
import subprocess
import sys
import zlib

mode, folder, amount, keys = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
seed = int(os.environ.get("SEED", "20261121"))
print(f"seed {seed}")
random.seed(seed)


def key():
    text = "sk_" + random.randbytes(28).hex()
    return text + format(zlib.crc32(text.encode()), "08x")


def noise():
    return "sk_" + random.randbytes(32).hex()


def tree():
    words = ["let", "return", "task_id", "self", "value_of", "disk_size", "if", "guard", "for", "=", "{", "}", "risk_"]
    paragraphs = [
        "\n".join(" ".join(random.choices(words, k=random.randint(2, 12))) for _ in range(200)) for _ in range(100)
    ]
    size = 200_000
    files = max(1, amount * 1_000_000 // size)
    planted = {}
    for _ in range(keys):
        number = random.randrange(files)
        planted[number] = planted.get(number, 0) + 1
    for number in range(files):
        parts, length = [], 0
        while length < size:
            parts.append(random.choice(paragraphs))
            length += len(parts[-1])
        parts.insert(random.randrange(len(parts)), f"noise = {noise()}")
        for _ in range(planted.get(number, 0)):
            parts.insert(random.randrange(len(parts)), f"key = {key()}")
        place = os.path.join(folder, str(number % 50))
        os.makedirs(place, exist_ok=True)
        with open(os.path.join(place, f"file{number}.txt"), "w") as file:
            file.write("\n".join(parts))


def history():
    subprocess.run(["git", "init", "-q", "-b", "main", folder], check=True)
    planted = set(random.sample(range(amount), min(keys, amount)))
    stream = []
    for number in range(amount):
        text = f"line {number} {noise()}\n"
        if number in planted:
            text += f"key = {key()}\n"
        stream.append(
            f"commit refs/heads/main\ncommitter T <t@t.example> {1700000000 + number} +0000\ndata 7\nchange\n"
            f"M 100644 inline folder{number % 40}/file{number % 400}.txt\ndata {len(text)}\n{text}\n"
        )
    subprocess.run(["git", "-C", folder, "fast-import", "--quiet"], input="".join(stream).encode(), check=True)
    subprocess.run(["git", "-C", folder, "reset", "-q", "--hard"], check=True)


{"tree": tree, "history": history}[mode]()
