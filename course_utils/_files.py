"""Files written whole or not at all: who reads one finds the old content or the new, no half."""

import contextlib
import os
import re
import stat
import time

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None
if not hasattr(fcntl, "flock"):  # in JupyterLite it is there, and empty
    fcntl = None


def as_path(path):
    """The path as text; TypeError for a number, which open would take for a file already open."""
    try:
        return os.fsdecode(path)
    except TypeError:
        raise TypeError(f'path must be a path such as "network.npz", got {path!r}') from None


def write(path, content):
    """Write a file in one step, whatever else is being written to the same path.

    Parameters
    ----------
    path : str or Path; where it is a symbolic link, the file that it names is replaced
    content : bytes; str, stored as UTF-8; or a function that writes to an open binary file

    The content goes to a temporary file in the same folder, which then takes the place of the
    old one and its permissions. When anything fails, the old file is as it was. A killed process
    leaves its temporary file behind; the next one that writes to this path removes it.

    Raises TypeError where path is no path, OSError where the file cannot be written; a device
    (ValueError) or a read-only file (PermissionError) is not replaced.
    """
    path = as_path(path)
    target = os.path.realpath(path)
    mode = _mode_of_what_is_there(path, target)
    _remove_left_behind(target)
    try:
        temporary, lock = _create_beside(target)
    except OSError as error:
        error.filename = path  # the name of the temporary file says nothing to anybody
        raise
    try:
        with open(temporary, "wb") as file:
            if callable(content):
                content(file)
            else:
                file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            os.chmod(temporary, mode)
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    finally:
        _unlock(lock)


def _mode_of_what_is_there(path, target):
    """The permissions of the file that will be replaced; None where there is none yet."""
    try:
        there = os.stat(target)
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(there.st_mode):
        raise IsADirectoryError(f"{path} is a folder: name a file in it")
    if not stat.S_ISREG(there.st_mode):
        raise ValueError(f"{path} is a device or a pipe: name a file")
    if not there.st_mode & 0o222 or not os.access(target, os.W_OK):
        raise PermissionError(f"{path} is read-only: make it writable, or choose another name")
    return stat.S_IMODE(there.st_mode)


# A temporary file is locked as long as its process lives: the lock ends with the process, however
# it ends. So a file that can be locked is one left behind. Where there are no locks, an hour tells.


def _create_beside(target):
    """A new empty file beside target, and its lock."""
    folder, name = os.path.split(target)
    while True:
        temporary = os.path.join(folder, f".{_shortened(name)}.{os.urandom(8).hex()}.part")
        lock = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o666)
        if fcntl is None:
            os.close(lock)
            return temporary, None
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(lock, fcntl.LOCK_EX)
        if os.fstat(lock).st_nlink:
            return temporary, lock
        _unlock(lock)  # another process removed the file before it was locked


def _unlock(lock):
    if lock is not None:
        os.close(lock)


def _remove_left_behind(target):
    folder, name = os.path.split(target)
    part = re.compile(rf"\.{re.escape(_shortened(name))}\.[0-9a-f]{{16}}\.part")
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        left = [entry.path for entry in entries if part.fullmatch(entry.name)]
        for temporary in left:
            with contextlib.suppress(OSError):  # another process is writing it, or was quicker
                _remove_unless_locked(temporary)


def _remove_unless_locked(temporary):
    if fcntl is None:
        if time.time() - os.stat(temporary).st_mtime > 3600:
            os.unlink(temporary)
        return
    lock = os.open(temporary, os.O_RDWR)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.unlink(temporary)
    finally:
        os.close(lock)


def _shortened(name):
    return name[:40]  # a file's name may have 255 bytes at most
