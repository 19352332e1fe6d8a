#!/usr/bin/env python3
"""Runs the sample shop in one container of docker-compose.yml, and takes it from release to release.

  release.py serve            in the container `shop`: runs a release, and takes requests for another one
  release.py start [RELEASE]  in the worker: asks for a release (default: $LOCKKEEPER_RELEASE), waits until it runs
  release.py running          in the worker: prints the release that runs
  release.py next             in the worker: prints the release after the one that runs

`serve` listens itself, and hands the socket to the copy that is to answer. A new release is first started where only
`serve` reaches it; when it is healthy there it is started on the socket beside the old one, which then answers what
it has begun and ends. So no request meets a release that is not well. Environment of `serve`: DATABASE_URL.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

SHOP = Path(os.environ.get("SHOP_FOLDER", "/app/examples/shop"))
STATE = Path(os.environ.get("SHOP_STATE", "/var/lib/lockkeeper")) / "release"
PORT = int(os.environ.get("SHOP_PORT", "8000"))
ORDERS = os.environ.get("SHOP_ORDERS", "300000")
CONTROL = os.environ.get("SHOP_CONTROL", "http://shop:9000")
START_SECONDS = 60
STOP_SECONDS = 30


def releases() -> list[str]:
    return sorted(folder.name for folder in (SHOP / "releases").iterdir() if (folder / "RELEASE").is_file())


class Shop:
    """The copy that answers; while one takes over from another there are two."""

    def __init__(self):
        self.socket = socket.create_server(("0.0.0.0", PORT), backlog=1024)
        self.release, self.process = None, None

    def running(self) -> str | None:
        return self.release if self.process and self.process.poll() is None else None

    def start(self, release: str) -> str | None:
        """Puts this release in place of the one that runs. Returns why it could not: then the old one still runs."""
        if release not in releases():
            return f"there is no release {release}"
        if release == self.running():
            return None
        why = self.whats_wrong_with(release)
        if why:
            return why
        process = launch(release, ["--fd", str(self.socket.fileno())], pass_fds=[self.socket.fileno()])
        why = wait_until_healthy(release, PORT, process)
        if why:
            end(process)
            return why
        STATE.write_text(release)
        old, self.release, self.process = self.process, release, process
        if old:
            end(old)
        return None

    def whats_wrong_with(self, release: str) -> str | None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        process = launch(release, ["--host", "127.0.0.1", "--port", str(port)])
        why = wait_until_healthy(release, port, process)
        end(process)
        return why


def launch(release: str, where: list[str], **options) -> subprocess.Popen:
    uvicorn = [sys.executable, "-m", "uvicorn", "shop.main:app", *where, "--no-access-log", "--log-level", "warning"]
    return subprocess.Popen(uvicorn, cwd=SHOP / "releases" / release, **options)


def wait_until_healthy(release: str, port: int, process: subprocess.Popen) -> str | None:
    """Returns why it is not. On a port that two copies share it must have been seen to answer."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None:
        status, text = ask(f"http://127.0.0.1:{port}/health")
        if f'"release":"{release}"' in text and status == 200:
            return None
        if time.monotonic() > deadline:
            return f"{release} did not become healthy: {text}"
        time.sleep(0.2)
    return f"{release} ended with exit code {process.returncode}"


def end(process: subprocess.Popen) -> None:
    """Lets it answer what it has begun."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def ask(url: str, body: bytes | None = None, seconds: float = 3) -> tuple[int, str]:
    """Status and text; 0 when nobody answers."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=body), timeout=seconds) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()
    except OSError as error:
        return 0, str(error)


def control(shop: Shop) -> type[BaseHTTPRequestHandler]:
    class Control(BaseHTTPRequestHandler):
        def do_GET(self):
            running = shop.running()
            self.say(200 if running else 503, running or "no release runs")

        def do_POST(self):
            release = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
            why = shop.start(release)
            self.say(500 if why else 200, why or release)

        def say(self, status: int, text: str):
            self.send_response(status)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_):
            pass

    return Control


def serve() -> str | None:
    if not STATE.exists():  # the first start of all: the database is empty
        first = SHOP / "releases" / releases()[0]
        subprocess.run([sys.executable, "-m", "alembic", "upgrade", "head"], cwd=first, check=True)
        subprocess.run([sys.executable, str(SHOP / "bin" / "seed.py"), "--orders", ORDERS], check=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    shop = Shop()
    try:
        why = shop.start(STATE.read_text() if STATE.exists() else releases()[0])
        if why:
            return why
        port = int(CONTROL.rsplit(":", 1)[1])
        HTTPServer(("0.0.0.0", port), control(shop)).serve_forever()  # one request at a time: one deploy at a time
    finally:
        if shop.process:
            end(shop.process)


def main(arguments: list[str]) -> str | None:
    verb, given = (arguments or [""])[0], arguments[1:]
    if verb == "serve":
        return serve()
    if verb == "start":
        release = given[0] if given else os.environ.get("LOCKKEEPER_RELEASE", "")
        status, text = ask(CONTROL, release.encode(), 2 * START_SECONDS + STOP_SECONDS + 10)
        return None if status == 200 else text
    if verb not in ("running", "next"):
        return __doc__
    status, running = ask(CONTROL)
    if status != 200:
        return running
    later = [release for release in releases() if release > running]
    print((later or [running])[0] if verb == "next" else running)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
