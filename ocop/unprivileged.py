"""Runs a program as another user: PostgreSQL refuses to be root.

A checkout often lies below a folder that only root may enter, such as its home. Opening that folder to all users would
be wrong, so the program keeps one capability of root, to pass closed folders and read, and nothing else of root.
The same file is the small program that changes the user: `python -I -S unprivileged.py UID GID yes|no PROGRAM ARG...`
"""

import ctypes
import os
import pwd
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SYSTEM_USER = "ocop-pg"
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2
PR_SET_SECUREBITS, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 28, 38, 47, 2
SECBIT_NO_SETUID_FIXUP = 1 << 2  # without it the kernel hides capabilities from access(2), which PostgreSQL calls
CAPABILITY_VERSION_3 = 0x20080522


class NoUser(RuntimeError):
    """No user is there under which PostgreSQL could run."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who runs a program; `uid` is None for "as we are"."""

    uid: int | None
    gid: int | None

    def owns(self, path: Path) -> None:
        """Makes the identity the owner of a folder or file. Raises NoUser where this root is none."""
        if self.uid is None:
            return
        try:
            os.chown(path, self.uid, self.gid)
        except OSError as error:
            raise NoUser(
                f"PostgreSQL does not run as root, and user {self.uid} cannot be given {path}: {error}"
            ) from error

    def command(self, program: list[str], reaches: list[Path]) -> list[str]:
        """The command line that runs a program as this identity, which must enter and read the paths in `reaches`."""
        if self.uid is None:
            return program
        closed = any(not self._may(path, 0o5) for path in reaches) or any(
            not self._may(parent, 0o1) for path in reaches for parent in path.parents
        )
        launcher = [sys.executable, "-I", "-S", __file__, str(self.uid), str(self.gid), "yes" if closed else "no"]
        return launcher + program

    def _may(self, path: Path, wanted: int) -> bool:
        facts = path.stat()
        shift = 6 if facts.st_uid == self.uid else 3 if facts.st_gid == self.gid else 0
        return (facts.st_mode >> shift) & wanted == wanted

    def make_executable(self, program: Path) -> None:
        """Where a strict umask left a program to root alone. Its folders stay as they are."""
        if self.uid is not None and not self._may(program, 0o5):
            program.chmod(program.stat().st_mode | 0o555)


def identity_for(folder: Path) -> Identity:
    """Who runs the server whose data are, or will be, in a folder: the data's owner, if root asks. Raises NoUser."""
    owner = folder.stat() if folder.exists() else None
    if os.geteuid() != 0:
        if owner and owner.st_uid != os.geteuid():
            raise NoUser(f"{folder} belongs to user {owner.st_uid}; run this as that user or as root")
        return Identity(None, None)
    if owner and owner.st_uid != 0:
        return Identity(owner.st_uid, owner.st_gid)
    if _user(SYSTEM_USER) is None and (useradd := shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")):
        # A failure is no end: the next lines look for another user and say what is missing.
        subprocess.run([useradd, "--system", "--no-create-home", SYSTEM_USER], check=False, capture_output=True)
    for name in (SYSTEM_USER, "postgres", "nobody"):
        if user := _user(name):
            return Identity(user.pw_uid, user.pw_gid)
    raise NoUser(f"PostgreSQL does not run as root, and no user {SYSTEM_USER} could be made; run this as another user")


def _user(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


class Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class Sets(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


def become(uid: int, gid: int, through_closed_folders: bool) -> None:
    """Drops root for good. Raises OSError when the kernel refuses."""
    libc = ctypes.CDLL(None, use_errno=True)

    def must(result: int) -> None:
        if result != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    if not through_closed_folders:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
        return
    header, sets = Header(CAPABILITY_VERSION_3, 0), (Sets * 2)()
    must(libc.capget(ctypes.byref(header), sets))
    # Containers often lack the narrower of the two.
    kept = next((c for c in (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE) if sets[0].permitted >> c & 1), None)
    if kept is None:
        raise PermissionError("no capability to pass closed folders is at hand")
    must(libc.prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0))
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    only = (Sets * 2)(Sets(1 << kept, 1 << kept, 1 << kept), Sets(0, 0, 0))
    must(libc.capset(ctypes.byref(header), only))
    must(libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, kept, 0, 0))
    must(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))


def main(uid: str, gid: str, closed: str, *program: str) -> None:
    """Becomes the user, then the program."""
    try:
        become(int(uid), int(gid), closed == "yes")
    except (OSError, AttributeError) as error:  # AttributeError: a system whose C library has no prctl
        sys.exit(
            f"FATAL:  user {uid} cannot reach PostgreSQL's files ({error}): "
            "move the checkout or DATA to a folder that other users may enter, or do not run this as root"
        )
    os.execv(program[0], program)


if __name__ == "__main__":
    main(*sys.argv[1:])
