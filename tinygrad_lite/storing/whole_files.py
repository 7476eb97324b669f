"""Write a file so that it is there whole, or not at all."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from secrets import token_hex


def write_whole(path: Path, *content: bytes) -> None:
    """Put content into a file in such a way that, whatever happens, the old content is there or the new, whole.

    It is written into a file beside it, which takes its place when it has reached the disk. Permissions stay those of
    the old file, and so does its owner where the system lets us; those of a new file are the process's usual ones. A
    link stays a link, and what it leads to is replaced. What cannot be replaced is written to as it is: devices, pipes,
    and files in folders that take no new ones.

    Raises OSError where the content cannot be written.
    """
    if not replaceable(path):
        path.write_bytes(b"".join(content))
        return
    path = Path(os.path.realpath(path))
    partial = path.with_name(f".{path.name[:40]}.{token_hex(4)}.part")
    old = path.stat() if path.exists() else None
    mode = 0o666 if old is None else stat.S_IMODE(old.st_mode)
    try:
        # open to nobody, at any moment, to whom the old file was not; the umask does its part
        with open(partial, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            file.writelines(content)
            file.flush()
            if old is not None:
                take_after(file.fileno(), old)
            os.fsync(file.fileno())
        os.replace(partial, path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def take_after(handle: int, old: os.stat_result) -> None:
    """Give an open file the owner and the permissions of another, as far as the system has them and lets us."""
    if os.name == "posix":
        if (old.st_uid, old.st_gid) != (os.geteuid(), os.getegid()):
            with suppress(PermissionError):
                os.fchown(handle, old.st_uid, old.st_gid)
        os.fchmod(handle, stat.S_IMODE(old.st_mode))  # after the owner, for another's loses bits


def replaceable(path: Path) -> bool:
    """Whether another file can take the place of what is there, or nothing is."""
    if path.is_symlink() and path.parts[:2] in (("/", "dev"), ("/", "proc")):
        return False  # what a process has open, as /dev/stdout: it would go on writing into the old file
    if path.exists():
        return path.is_file() and os.access(Path(os.path.realpath(path)).parent, os.W_OK)
    return True


def sync_folder(folder: Path) -> None:
    """Make a renaming last through a power failure, where the system can."""
    if os.name == "posix" and os.access(folder, os.R_OK):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
