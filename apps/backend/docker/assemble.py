"""Assemble the runtime's root file system: `assemble.py ROOT DEPENDENCIES`.

Runs in the build stage, on whatever image `python:3.11-slim` is, and copies from it only what the
interpreter and the installed packages load. Trims the packages in DEPENDENCIES/opt/site-packages and compiles
them in place. Both trees are the same at each build from the same base and packages, times included.
"""

from __future__ import annotations

import compileall
import os
import py_compile
import re
import shutil
import struct
import subprocess
import sys
import sysconfig
from pathlib import Path

SITE_PACKAGES = "/opt/site-packages"
# 1980-01-01: the earliest that zip archives know.
FIXED_TIME = 315532800

# Looked up at run time by glibc (name service, character sets) or dlopened by packages, so `ldd` can't see them.
DLOPENED = ("libnss_dns.so.2", "libnss_files.so.2", "libresolv.so.2", "librt.so.1", "libgcc_s.so.1")

UNUSED_STDLIB = {
    "__pycache__", "config-3.11-x86_64-linux-gnu", "dist-packages", "distutils", "ensurepip", "idlelib", "lib2to3",
    "pydoc_data", "site-packages", "test", "tkinter", "turtledemo", "turtle.py", "venv", "xxlimited", "LICENSE.txt",
}  # fmt: skip
UNUSED_EXTENSIONS = re.compile(r"(_test|_xx|xx|_ctypes_test|_curses|_dbm|_gdbm|_tkinter|nis|ossaudiodev|readline)")


def copy(source: Path, root: Path) -> None:
    """Copy a file to the same path under the root, following links."""
    target = root / source.relative_to("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target)


def linked_libraries(binaries: list[Path]) -> set[Path]:
    """Every shared library that the binaries link to, the loader included."""
    found: set[Path] = set()
    for start in range(0, len(binaries), 50):
        listing = subprocess.run(
            ["ldd", *map(str, binaries[start : start + 50])], capture_output=True, text=True, check=False
        ).stdout
        found.update(Path(path) for path in re.findall(r"(?:=> |^\t)(/\S+) \(0x", listing, re.MULTILINE))
    return found


def copy_interpreter(root: Path) -> list[Path]:
    """Copy the interpreter and its standard library; return the binaries among them."""
    interpreter = Path(os.path.realpath(sys.executable))
    copy(interpreter, root)
    for name in ("python", "python3"):
        (root / "usr/local/bin" / name).symlink_to(interpreter)
    stdlib = Path(sysconfig.get_path("stdlib"))
    target = root / stdlib.relative_to("/")

    def unused(directory: str, names: list[str]) -> list[str]:
        inside = Path(directory)
        dropped = [name for name in names if name == "__pycache__" or name.startswith("config-3")]
        if inside == stdlib:
            dropped += [name for name in names if name in UNUSED_STDLIB]
        if inside.name == "lib-dynload":
            dropped += [name for name in names if UNUSED_EXTENSIONS.match(name)]
        if inside.name in {"unittest", "sqlite3", "ctypes"}:
            dropped += [name for name in names if name == "test"]
        return dropped

    shutil.copytree(stdlib, target, ignore=unused, symlinks=False)
    return [interpreter, *target.rglob("*.so")]


def copy_libraries(binaries: list[Path], site_packages: Path, root: Path) -> None:
    """Copy the shared libraries that are needed from outside the packages themselves."""
    libraries = linked_libraries(binaries)
    folders = {library.parent for library in libraries}
    for name in DLOPENED:
        libraries.update(folder / name for folder in folders if (folder / name).exists())
    for library in libraries:
        if not library.is_relative_to(site_packages):
            copy(library, root)
    copy(Path("/etc/ld.so.cache"), root)


def write_system_files(root: Path) -> None:
    """Users, name service, certificates and time zones."""
    etc = root / "etc"
    etc.mkdir(parents=True, exist_ok=True)
    (etc / "passwd").write_text("root:x:0:0:root:/:/sbin/nologin\napp:x:1000:1000:app:/tmp:/sbin/nologin\n")
    (etc / "group").write_text("root:x:0:\napp:x:1000:\n")
    (etc / "nsswitch.conf").write_text("passwd: files\ngroup: files\nhosts: files dns\n")
    # From the distribution's own set: the base may trust additional authorities while building.
    bundle = etc / "ssl/certs/ca-certificates.crt"
    bundle.parent.mkdir(parents=True)
    certificates = sorted(Path("/usr/share/ca-certificates").rglob("*.crt"))
    bundle.write_text("\n".join(certificate.read_text().strip() for certificate in certificates) + "\n")
    shutil.copytree(
        "/usr/share/zoneinfo",
        root / "usr/share/zoneinfo",
        symlinks=True,
        ignore=shutil.ignore_patterns("right", "posix", "*.tab", "leap*", "tzdata.zi"),
    )
    (root / "tmp").mkdir()
    (root / "tmp").chmod(0o1777)


def trim(site_packages: Path) -> None:
    """Remove what is never imported: tests, type stubs, console scripts, C sources."""
    shutil.rmtree(site_packages / "bin", ignore_errors=True)
    for path in list(site_packages.rglob("*")):
        if path.is_dir() and path.name in {"tests", "testing", "__pycache__"}:
            if path.name != "testing":
                shutil.rmtree(path, ignore_errors=True)
        elif path.is_file() and path.suffix in {".pyi", ".c", ".h", ".pyx", ".pxd"}:
            path.unlink()


def strip(library: Path) -> None:
    """Cut off what follows the last part that the loader maps: symbols and debug information, as `strip` would.

    The base has no binutils. The format is fixed: elf(5), 64 bits, little-endian.
    """
    data = bytearray(library.read_bytes())
    if data[:6] != b"\x7fELF\x02\x01":
        return
    (headers,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    end = 0
    for at in range(headers, headers + size * count, size):
        (offset,) = struct.unpack_from("<Q", data, at + 8)
        (length,) = struct.unpack_from("<Q", data, at + 32)
        end = max(end, offset + length)
    struct.pack_into("<Q", data, 40, 0)  # no table of sections,
    struct.pack_into("<HH", data, 60, 0, 0)  # with no entries and no names
    library.write_bytes(data[:end])


def compile_tree(directory: Path, shown_as: str) -> None:
    """Compile to bytecode that is valid whatever the files' times are in the image."""
    compiled = compileall.compile_dir(
        directory,
        quiet=1,
        workers=0,
        stripdir=str(directory),
        prependdir=shown_as,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    if not compiled:
        sys.exit(f"{directory} has files that do not compile")


def fix_times(tree: Path) -> None:
    """Give everything in a tree the same time; that of a link is its own."""
    for path in (tree, *tree.rglob("*")):
        os.utime(path, (FIXED_TIME, FIXED_TIME), follow_symlinks=False)


def main(root: Path, dependencies: Path) -> None:
    """Assemble everything."""
    site_packages = dependencies / SITE_PACKAGES.removeprefix("/")
    root.mkdir(parents=True)
    binaries = copy_interpreter(root)
    trim(site_packages)
    copy_libraries([*binaries, *site_packages.rglob("*.so")], site_packages, root)
    for library in site_packages.rglob("*.so*"):
        if library.is_file() and not library.is_symlink():
            strip(library)
    # The loader's path is fixed in every binary; Debian keeps the file elsewhere, behind a link.
    for loader in Path("/lib64").glob("ld-linux-*.so.2"):
        copy(loader, root)
    write_system_files(root)
    stdlib = Path(sysconfig.get_path("stdlib"))
    compile_tree(root / stdlib.relative_to("/"), str(stdlib))
    compile_tree(site_packages, SITE_PACKAGES)
    for tree in (root, dependencies):
        fix_times(tree)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
