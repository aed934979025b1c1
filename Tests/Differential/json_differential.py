#!/usr/bin/env python3
"""Asks Python's json what it makes of random texts, and the API's parser whether it agrees (threat A20).

Writes a corpus with Python's verdicts and runs the one test that reads it. Python's reader is made as strict as the
contract: no duplicate keys, no lone surrogates, no byte order mark, no NaN, no numbers beyond a double, depth 16.

usage: json_differential.py [--count N] [--seed N] [-- COMMAND ...]      COMMAND defaults to the swift test it needs
"""
import argparse
import json
import math
import os
import random
import subprocess
import sys
import tempfile

MAXIMUM_DEPTH = 16


class Refused(Exception):
    pass


def distinct(pairs):
    keys = [key for key, _ in pairs]
    if len(set(keys)) != len(keys):
        raise Refused("duplicate key")
    return dict(pairs)


def refuse_constant(_):
    raise Refused("not a number")


def finite(text):
    value = float(text)
    if math.isinf(value):
        raise Refused("number out of range")
    return value


def integer(text):
    value = int(text) if len(text) < 4000 else None
    return value if value is not None and -(2**63) <= value < 2**63 else finite(text)


def depth(value):
    if isinstance(value, dict):
        return 1 + max((depth(element) for element in value.values()), default=0)
    if isinstance(value, list):
        return 1 + max((depth(element) for element in value), default=0)
    return 0


def verdict(text):
    """The value's canonical spelling, or None where the text is refused."""
    try:
        value = json.loads(
            text.decode("utf-8"), object_pairs_hook=distinct, parse_constant=refuse_constant,
            parse_float=finite, parse_int=integer)
        if depth(value) > MAXIMUM_DEPTH:
            raise Refused("too deep")
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    except (Refused, ValueError, RecursionError, UnicodeError):
        return None


def random_text(source):
    ranges = [(0x00, 0x1F), (0x20, 0x7E), (0x20, 0x7E), (0x7F, 0x9F), (0xA0, 0xD7FF), (0xE000, 0x10FFFF)]
    return "".join(chr(source.randint(*source.choice(ranges))) for _ in range(source.randint(0, 6)))


def spelled_text(source, text):
    if source.random() < 0.05:
        return source.choice(['"\\ud800"', '"\\udc00x"', '"\\ud83d\\ude00"', '"\\u0000"', '"\\/"', '"\t"', '"\\x41"'])
    return json.dumps(text, ensure_ascii=source.random() < 0.5)


def spelled(source, levels):
    """A text that is mostly valid JSON."""
    space = source.choice(["", "", "", " ", "\n", "\t\r"])
    kind = source.randint(0, 9 if levels else 6)
    if kind <= 1:
        result = source.choice(["null", "true", "false", "NaN", "-Infinity", "nul", "True"][: 3 if source.random() < 0.9 else 7])
    elif kind <= 3:
        result = source.choice([
            str(source.randint(-(2**66), 2**66) >> source.randint(0, 66)), repr(source.uniform(-1e9, 1e9)),
            "%de%d" % (source.randint(-9, 9), source.randint(-400, 400)), "-0", "-0.0", "1E+2", "01", "1.", "+1", ".5"
        ][: 6 if source.random() < 0.9 else 10])
    elif kind <= 6:
        result = spelled_text(source, random_text(source))
    elif kind == 7 and source.random() < 0.1:
        nesting = source.randint(14, 18)
        result = "[" * nesting + "]" * nesting
    elif kind <= 8:
        result = "[" + ",".join(spelled(source, levels - 1) for _ in range(source.randint(0, 4))) + space + "]"
    else:
        keys = [random_text(source) for _ in range(source.randint(0, 20 if source.random() < 0.1 else 4))]
        if keys and source.random() < 0.1:
            keys.append(source.choice(keys))
        members = [spelled_text(source, key) + space + ":" + spelled(source, levels - 1) for key in keys]
        result = "{" + space + ",".join(members) + "}"
    return space + result + space


def changed(source, text):
    alphabet = list(b'{}[]:,"\\/u0123456789abcdefE+-. \ntrulsn') + [0x00, 0x1F, 0x80, 0xC3, 0xED, 0xFF]
    text = bytearray(text)
    for _ in range(source.randint(0, 2)):
        place = source.randint(0, len(text))
        if source.random() < 0.5:
            del text[place : place + 1]
        else:
            text.insert(place, source.choice(alphabet))
    if source.random() < 0.01:
        text = bytearray(b"\xef\xbb\xbf") + text
    return bytes(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(32))
    parser.add_argument("command", nargs="*", default=["swift", "test", "--filter", "APITests.JSONDifferentialTests"])
    options = parser.parse_args()
    print("seed", options.seed, flush=True)
    source = random.Random(options.seed)
    accepted = 0
    with tempfile.NamedTemporaryFile("w", suffix=".corpus") as corpus:
        for _ in range(options.count):
            text = changed(source, spelled(source, 4).encode("utf-8"))
            value = verdict(text)
            accepted += value is not None
            corpus.write("%s %s\n" % (text.hex(), "refused" if value is None else value.hex()))
        corpus.flush()
        print("%d texts, %d of them valid" % (options.count, accepted), flush=True)
        if not options.count // 10 < accepted < options.count * 9 // 10:
            sys.exit("the corpus must hold both kinds")
        environment = {**os.environ, "KEYBEARER_JSON_CORPUS": corpus.name}
        sys.exit(subprocess.run(options.command, env=environment).returncode)


if __name__ == "__main__":
    main()
