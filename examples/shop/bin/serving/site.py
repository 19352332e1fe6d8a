"""The nginx in front: which copy of the application it sends its requests to, and whether the site is closed."""

import os
import re
import secrets
import shlex
import subprocess
import time
from pathlib import Path

from .failure import Failure
from .http import ask
from .instances import Instance

NGINX = Path(__file__).resolve().parent.parent.parent / "nginx"
TEMPLATE = NGINX / "shop.conf.template"
# What Lockkeeper wants of any nginx, so that a flag file closes the site.
CLOSURE = NGINX / "closure.conf.template"

# A reload makes nginx's old workers close their idle connections at once; a client that sends on one at that
# moment sees a reset (162 of 8,915 requests in eight deploys). With keepalive_min_timeout (nginx 1.27.4 and
# newer) a connection used within that time stays and gets one more answer, with "Connection: close" (0 of
# 8,832). The old copy must live as long.
KEEPALIVE_MIN = "keepalive_min_timeout 3s;"
KEEPALIVE_MIN_SINCE = (1, 27, 4)
DRAIN_SECONDS = 4
RELOAD_SECONDS = 15


class Site:
    def __init__(self, file: Path, port: int, nginx: str):
        self.file, self.port, self.nginx = file, port, shlex.split(nginx)

    def serving(self) -> str | None:
        """What nginx itself says that it serves ("r2 on port 40123"); None when it does not answer."""
        answer = ask(self.port, "/instance", timeout=2)
        return answer[1].strip() if answer and answer[0] == 200 else None

    def point_to(self, instance: Instance) -> None:
        """Sends all new requests to this copy. Whatever fails, nginx goes on with what it served before."""
        before = self.file.read_text() if self.file.exists() else None
        self.write(self.text_for(instance))
        try:
            self.run("-t")
            self.run("-s", "reload")
        except Failure:
            self.write(before)
            raise
        self.confirm(instance)

    def confirm(self, instance: Instance) -> None:
        """Three new connections in a row: for a moment old and new workers both accept."""
        deadline, in_a_row = time.monotonic() + RELOAD_SECONDS, 0
        while in_a_row < 3:
            in_a_row = in_a_row + 1 if self.serving() == str(instance) else 0
            if time.monotonic() > deadline:
                waited = f"nginx did not switch to {instance} within {RELOAD_SECONDS} s"
                raise Failure(f"{waited}: does it include {self.file}?")
            time.sleep(0.05)

    def text_for(self, instance: Instance) -> str:
        text = TEMPLATE.read_text()
        known = self.version() >= KEEPALIVE_MIN_SINCE
        values = {
            "@CLOSURE@": CLOSURE.read_text(),
            "@FLAG@": str(home() / "closure" / "flag"),
            "@TARGET@": os.environ.get("LOCKKEEPER_TARGET") or "shop",
            "@BYPASS@": bypass(),
            "@INSTANCE@": str(instance),
            "@APP_PORT@": str(instance.port),
            "@PORT@": str(self.port),
            "@KEEPALIVE_MIN@": KEEPALIVE_MIN if known else "",
        }
        for name, value in values.items():
            text = text.replace(name, value)
        return text

    def write(self, text: str | None) -> None:
        if text is None:
            self.file.unlink(missing_ok=True)
            return
        self.file.parent.mkdir(parents=True, exist_ok=True)
        beside = self.file.with_name(f".{self.file.name}.new")
        beside.write_text(text)
        os.replace(beside, self.file)

    def version(self) -> tuple[int, ...]:
        match = re.search(r"nginx/(\d+)\.(\d+)\.(\d+)", self.run("-v"))
        return tuple(int(part) for part in match.groups()) if match else (0, 0, 0)

    def run(self, *arguments: str) -> str:
        command = [*self.nginx, *arguments]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=30)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Failure(f"nginx cannot be run (SHOP_NGINX): {error}") from error
        if done.returncode:
            raise Failure(f"{shlex.join(command)} failed:\n  {done.stderr.strip()}")
        return done.stdout + done.stderr


def home() -> Path:
    return Path(os.environ["SHOP_HOME"]).resolve()


def bypass() -> str:
    """The secret with which an operator passes while the site is closed: made once."""
    file = home() / "closure-bypass"
    if not file.exists():
        beside = file.with_name(f".{file.name}.{os.getpid()}")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as new:
            new.write(secrets.token_urlsafe(16))
        os.replace(beside, file)
    return file.read_text().strip()
