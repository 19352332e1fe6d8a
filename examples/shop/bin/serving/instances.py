"""Running copies of the application: one uvicorn each, on a port of its own.

A copy is known by a file that it writes itself before it becomes uvicorn: one whose starter was killed is
found all the same. The file is believed only while that process still looks like this very copy.
"""

import json
import os
import re
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from .failure import Failure
from .http import ask, free_port

START_SECONDS = 20  # a first start without bytecode takes about 4 s on a busy machine
UNHEALTHY_SECONDS = 5
STOP_SECONDS = 30  # requests in flight are answered first
NO_ANSWER = "it does not answer"
# The shell becomes uvicorn (exec), so its process id is uvicorn's.
LAUNCH = 'echo $$ > "$0.new" && mv "$0.new" "$0" && exec "$@"'


@dataclass(frozen=True)
class Instance:
    release: str
    port: int
    pid: int

    def __str__(self) -> str:
        return f"{self.release} on port {self.port}"

    @property
    def alive(self) -> bool:
        """Not fooled by a process id that belongs to somebody else by now, nor by a dead process."""
        command = command_of(self.pid)
        return "shop.main:app" in command and f"--port {self.port} " in f"{command} "

    def complaint(self) -> str | None:
        """Why it cannot work, or None when it is healthy."""
        answer = ask(self.port, "/health")
        if answer is None:
            return NO_ANSWER
        try:
            said = json.loads(answer[1])
        except ValueError:
            said = {}
        if answer[0] == 200 and said.get("release") == self.release:
            return None
        return said.get("reason") or f"it answers {answer[0]}"


def command_of(pid: int) -> str:
    """A process's command line, empty when there is no such process."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        pass
    if os.path.exists("/proc/self"):
        return ""
    asked = subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True)
    return asked.stdout.strip()


class Instances:
    def __init__(self, home: Path, releases: Path, python: str):
        self.folder, self.releases, self.python = home / "instances", releases, python
        self.folder.mkdir(parents=True, exist_ok=True)

    def living(self) -> list[Instance]:
        """Every copy that runs. The files of those that do not are removed."""
        found = []
        for file in sorted(self.folder.glob("*.pid")):
            match = re.fullmatch(r"(.+)-(\d+)", file.stem)
            text = file.read_text().strip()
            if match and text.isdigit():
                instance = Instance(match[1], int(match[2]), int(text))
                if instance.alive:
                    found.append(instance)
                    continue
            file.unlink(missing_ok=True)
        return found

    def start(self, release: str) -> Instance:
        """Starts a copy and waits until it is healthy. One that does not become so is stopped again."""
        folder, port = self.releases / release, free_port()
        if not (folder / "shop").is_dir():
            raise Failure(f"there is no release {release} in {self.releases}")
        for old in self.folder.glob("*.log"):
            if not old.with_suffix(".pid").exists():  # the log of a stopped copy is kept until the next start
                old.unlink()
        pid_file = self.folder / f"{release}-{port}.pid"
        log = pid_file.with_suffix(".log")
        uvicorn = [self.python, "-m", "uvicorn", "shop.main:app", "--host", "127.0.0.1", "--port", str(port)]
        quiet = ["--no-access-log", "--log-level", "warning", "--timeout-keep-alive", "75"]
        with log.open("wb") as output:
            process = subprocess.Popen(
                ["sh", "-c", LAUNCH, str(pid_file), *uvicorn, *quiet],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # outlives the deploy that started it
            )
        instance = Instance(release, port, process.pid)
        complaint = wait_until_healthy(instance, process)
        if complaint:
            self.stop(instance)
            process.wait()
            raise Failure(f"{instance} did not become healthy: {complaint}{last_lines(log)}")
        return instance

    def stop(self, instance: Instance) -> None:
        """Lets it answer what it has begun, then ends it."""
        for name, seconds in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, 5)):
            deadline = time.monotonic() + seconds
            if instance.alive:
                os.kill(instance.pid, name)
            while instance.alive and time.monotonic() < deadline:
                time.sleep(0.05)
        (self.folder / f"{instance.release}-{instance.port}.pid").unlink(missing_ok=True)


def wait_until_healthy(instance: Instance, process: subprocess.Popen) -> str | None:
    """Why it did not become healthy, or None. What one that answers lacks will hardly come by waiting."""
    deadline, answered = time.monotonic() + START_SECONDS, False
    while complaint := instance.complaint():
        if process.poll() is not None:
            return f"it ended with exit code {process.returncode}"
        if not answered and complaint != NO_ANSWER:
            answered, deadline = True, time.monotonic() + UNHEALTHY_SECONDS
        if time.monotonic() > deadline:
            return complaint
        time.sleep(0.1)
    return None


def last_lines(log: Path, count: int = 5) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()[-count:]
    return "".join(f"\n  {line}" for line in lines)
