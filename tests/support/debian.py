"""Servers from Debian's and Ubuntu's packages: installed and started when we are root or may become it unasked."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

# An ordinary login often has no sbin on its path, though sudo will find the programs there.
_PATH = os.environ.get("PATH", os.defpath) + ":/usr/local/sbin:/usr/sbin:/sbin"


@dataclass(frozen=True)
class Package:
    """A package, a program that shows it is installed, and the name of its daemon where it has one."""

    name: str
    program: str
    daemon: str | None = None


@cache
def root_prefix() -> tuple[str, ...] | None:
    """Return what goes in front of a command to run it as root: nothing, sudo, or None when we may not."""
    if os.geteuid() == 0:
        return ()
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0:
        return (sudo, "-n")
    return None


def has_program(name: str) -> bool:
    """Whether ``name`` is installed, on our own path or on root's."""
    return shutil.which(name, path=_PATH) is not None


def may_install() -> bool:
    """Whether packages can be installed here without asking anybody."""
    return root_prefix() is not None and has_program("apt-get")


def run_as_root(*command: str) -> None:
    """Run ``command`` as root; raise ``CalledProcessError`` when it fails."""
    prefix = root_prefix()
    if prefix is None:
        raise PermissionError(f"`{' '.join(command)}` needs root, or sudo without a password")
    subprocess.run([*prefix, "env", f"PATH={_PATH}", *command], check=True, stdin=subprocess.DEVNULL, cwd="/")


def install(packages: Sequence[Package]) -> None:
    """Install those of ``packages`` that are not there yet."""
    absent = [package.name for package in packages if not has_program(package.program)]
    if not absent:
        return
    quietly = ("apt-get", "-qq", "-o", "Dpkg::Use-Pty=0", "-o", "DPkg::Lock::Timeout=120")
    run_as_root(*quietly, "update")
    run_as_root("DEBIAN_FRONTEND=noninteractive", *quietly, "install", "-y", "--no-install-recommends", *absent)


def start(package: Package) -> None:
    """Start the package's server; a container has no init system that would have done so after the installation."""
    if package.daemon is not None:
        run_as_root("service", package.daemon, "start")


def create_postgres_login() -> None:
    """Give our own login a PostgreSQL role that may create databases; it comes in over the socket, by its name."""
    run_as_root("runuser", "-u", "postgres", "--", "createuser", "--createdb", getpass.getuser())
