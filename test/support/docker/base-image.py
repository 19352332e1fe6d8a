"""Writes a tar of an image to standard output: this interpreter, a shell, nginx, and the packages that are named.

  base-image.py NGINX PYTHON-PACKAGE...      with the Python of a virtual environment that has them

No registry is asked: files come from this machine, with their times, so that bytecode beside them stays valid.
"""

import importlib.metadata
import io
import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path

BUSYBOX = Path("/bin/busybox")
PREFIX = Path(sys.base_prefix)
NAME = f"python{sys.version_info[0]}.{sys.version_info[1]}"
STDLIB = PREFIX / "lib" / NAME
SITE = STDLIB / "site-packages"
NOT_NEEDED = {"test", "tests", "idlelib", "tkinter", "lib2to3", "site-packages", "dist-packages", "ensurepip"}
NOT_NEEDED |= {"turtledemo"}
SOURCES = {".a", ".c", ".pyx", ".pxd", ".pyi", ".h"}
# What wheels name, and the interpreter does not.
LIBRARIES = ["libstdc++.so.6", "libgcc_s.so.1", "libnss_files.so.2", "libnss_dns.so.2", "libresolv.so.2"]
LIBRARIES += ["libpthread.so.0", "libdl.so.2", "librt.so.1", "libutil.so.1", "libm.so.6"]

tar = tarfile.open(fileobj=sys.stdout.buffer, mode="w|")
added: set[str] = set()


def add(source: Path, name: str) -> None:
    if name in added:
        return
    added.add(name)
    info = tar.gettarinfo(source.resolve(), arcname=name.lstrip("/"))
    info.uid = info.gid = 0
    with open(source, "rb") as file:
        tar.addfile(info, file)


def link(name: str, to: str) -> None:
    info = tarfile.TarInfo(name.lstrip("/"))
    info.type, info.linkname = tarfile.SYMTYPE, to
    tar.addfile(info)


def text(name: str, content: str) -> None:
    info = tarfile.TarInfo(name.lstrip("/"))
    info.size = len(content)
    tar.addfile(info, io.BytesIO(content.encode()))


def executable(name: str, content: str) -> None:
    if name in added:
        return
    added.add(name)
    info = tarfile.TarInfo(name.lstrip("/"))
    info.size, info.mode = len(content.encode()), 0o755
    tar.addfile(info, io.BytesIO(content.encode()))


def folder(name: str, mode: int) -> None:
    info = tarfile.TarInfo(name.lstrip("/"))
    info.type, info.mode = tarfile.DIRTYPE, mode
    tar.addfile(info)


def interpreter() -> list[Path]:
    """@returns what is linked dynamically"""
    program = PREFIX / "bin" / NAME
    add(program, f"/usr/local/bin/{NAME}")
    for name in ("python3", "python"):
        link(f"/usr/local/bin/{name}", NAME)
    binaries = [program]
    for path in sorted(STDLIB.rglob("*")):
        parts = set(path.relative_to(STDLIB).parts)
        if path.is_dir() or parts & NOT_NEEDED or path.suffix in SOURCES or "_tkinter" in path.name:
            continue
        add(path, f"/usr/local/lib/{NAME}/{path.relative_to(STDLIB)}")
        if ".so" in path.name:
            binaries.append(path)
    return binaries


def packages(names: list[str]) -> list[Path]:
    wanted, binaries = dict.fromkeys(normal(name) for name in names), []
    for name in list(wanted):
        for needed in closure(name):
            wanted[needed] = None
    for name in wanted:
        for file in importlib.metadata.files(name) or []:
            path = Path(file.locate())
            inside = os.path.normpath(str(file))
            if not path.is_file() or path.suffix in SOURCES:
                continue
            if inside.startswith("../"):
                script(path)
                continue
            add(path, f"/usr/local/lib/{NAME}/site-packages/{inside}")
            if ".so" in path.name:
                binaries.append(path)
    return binaries


def script(path: Path) -> None:
    """A program such as `alembic`: its first line names the interpreter of this machine."""
    if path.parent.name != "bin":
        return
    executable(f"/usr/local/bin/{path.name}", "#!/usr/local/bin/python3\n" + path.read_text().split("\n", 1)[1])


def closure(name: str, seen: set[str] | None = None) -> set[str]:
    seen = seen if seen is not None else set()
    for line in importlib.metadata.requires(name) or []:
        if "extra ==" in line:
            continue
        needed = normal(re.match(r"[\w.-]+", line).group())
        try:
            importlib.metadata.distribution(needed)
        except importlib.metadata.PackageNotFoundError:
            continue
        if needed not in seen:
            seen.add(needed)
            closure(needed, seen)
    return seen


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def libraries(binaries: list[Path]) -> None:
    found = set()
    for first in range(0, len(binaries), 50):
        told = subprocess.run(["ldd", *binaries[first : first + 50]], capture_output=True, text=True).stdout
        found |= set(re.findall(r"=> (/\S+)", told)) | set(re.findall(r"^\s(/\S+) \(", told, re.M))
    known = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True).stdout
    for name in LIBRARIES:
        match = re.search(rf"^\s{re.escape(name)} \([^)]*x86-64[^)]*\) => (\S+)", known, re.M)
        if match:
            found.add(match.group(1))
    for path in sorted(found):
        where = f"/usr/lib/{Path(path).name}" if path.startswith(str(PREFIX)) else path
        add(Path(path), where)


def shell() -> None:
    add(BUSYBOX, "/bin/busybox")
    told = subprocess.run([BUSYBOX, "--list"], capture_output=True, text=True, check=True).stdout
    for name in told.split():
        if name != "busybox":
            link(f"/bin/{name}", "busybox")
    folder("/usr/bin", 0o755)
    link("/usr/bin/env", "/bin/env")
    folder("/tmp", 0o1777)
    folder("/run", 0o755)
    text("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n")
    text("/etc/group", "root:x:0:\nnogroup:x:65534:\nusers:x:100:\n")
    text("/etc/nsswitch.conf", "hosts: files dns\n")


def nginx(program: Path) -> None:
    """Linked statically. It would look for its files where it is started, and not where images have them."""
    add(program, "/usr/sbin/nginx-itself")
    executable("/usr/sbin/nginx", "#!/bin/sh\nexec /usr/sbin/nginx-itself -p /etc/nginx/ -c nginx.conf -e stderr \"$@\"\n")
    for name in ("/etc/nginx", "/var", "/var/log", "/var/log/nginx", "/var/cache", "/var/cache/nginx"):
        folder(name, 0o777)


shell()
nginx(Path(sys.argv[1]))
libraries(interpreter() + packages(sys.argv[2:]))
tar.close()
