"""Runs a command that asks for a hidden text at a terminal of its own; checks that the terminal hides what is typed
while it asks, and shows it again after Ctrl-C, SIGTERM and an answer."""
import os
import pty
import select
import signal
import sys
import termios
import time


def echoes(terminal):
    return bool(termios.tcgetattr(terminal)[3] & termios.ECHO)


def ask(command):
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(command[0], command)
    shown = b""
    deadline = time.monotonic() + 20
    while b"Password:" not in shown or echoes(terminal):
        if time.monotonic() > deadline:
            sys.exit(f"no hidden prompt: {shown!r}")
        if select.select([terminal], [], [], 0.05)[0]:
            shown += os.read(terminal, 4096)
    return child, terminal


def end(child, terminal):
    deadline = time.monotonic() + 20
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status
        if time.monotonic() > deadline:
            sys.exit("the command does not end")
        if select.select([terminal], [], [], 0.05)[0]:
            try:
                os.read(terminal, 4096)
            except OSError:
                pass


for name, interrupt, number in [
    ("Ctrl-C", lambda child, terminal: os.write(terminal, b"half a pass\x03"), signal.SIGINT),
    ("SIGTERM", lambda child, terminal: os.kill(child, signal.SIGTERM), signal.SIGTERM),
]:
    child, terminal = ask(sys.argv[1:])
    # The terminal outlives the command only while somebody holds its other end.
    other = os.open(os.path.realpath(f"/proc/{child}/fd/0"), os.O_RDWR | os.O_NOCTTY)
    interrupt(child, terminal)
    status = end(child, terminal)
    if not (os.WIFSIGNALED(status) and os.WTERMSIG(status) == number):
        sys.exit(f"{name}: the command ended with {status}")
    if not echoes(terminal):
        sys.exit(f"{name}: the terminal stays mute")
    os.close(other)
