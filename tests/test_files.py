"""Files written whole or not at all, by savers that are killed, or many at once."""

import json
import os
import re
import runpy
import stat
import subprocess
import sys
import threading
import types

import pytest

from course_utils import _files


def names(folder):
    return sorted(os.listdir(folder))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\0\xff", b"\0\xff"),
        ("π\n", b"\xcf\x80\n"),
        (lambda file: file.write(b"some") and file.write(b" more"), b"some more"),
    ],
    ids=["bytes", "text", "function"],
)
def test_what_is_written(tmp_path, content, expected):
    path = tmp_path / "a file"
    for _ in range(2):
        _files.write(path, content)
        assert path.read_bytes() == expected
    _files.write(os.fsencode(path), content)
    assert names(tmp_path) == ["a file"]


def test_a_path_without_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    _files.write("here", "text")
    assert names(tmp_path) == ["here"]


@pytest.mark.parametrize("length", [40, 100, 255])
def test_a_long_name(tmp_path, length):
    _files.write(tmp_path / ("n" * length), "text")
    assert names(tmp_path) == ["n" * length]


@pytest.mark.parametrize("path", [1, True, None, 2.5])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(TypeError, match=f"path must be a path .* got {path}"):
        _files.write(path, "text")


def test_a_new_file_has_the_permissions_of_any_other(tmp_path):
    _files.write(tmp_path / "ours", "text")
    (tmp_path / "any other").write_text("text")
    modes = {os.stat(path).st_mode for path in tmp_path.iterdir()}
    assert len(modes) == 1


def test_the_permissions_of_an_old_file_are_kept(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    path.chmod(0o640)
    _files.write(path, "new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_symbolic_link_is_followed(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to("there/file")
    for content in ("first", "second"):  # at first it leads nowhere
        _files.write(tmp_path / "link", content)
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "there" / "file").read_text() == content
    assert names(tmp_path) == ["link", "there"]
    assert names(tmp_path / "there") == ["file"]


def test_a_link_to_itself_is_refused(tmp_path):
    (tmp_path / "link").symlink_to("link")
    with pytest.raises(OSError, match="link"):
        _files.write(tmp_path / "link", "text")
    assert (tmp_path / "link").is_symlink()


def test_a_device_is_refused():
    with pytest.raises(ValueError, match="/dev/null is a device or a pipe: name a file"):
        _files.write("/dev/null", "text")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


def test_a_pipe_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match="pipe is a device or a pipe"):
        _files.write(tmp_path / "pipe", "text")
    assert stat.S_ISFIFO(os.stat(tmp_path / "pipe").st_mode)


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(IsADirectoryError, match=f"{tmp_path} is a folder: name a file in it"):
        _files.write(tmp_path, "text")


def test_a_read_only_file_is_refused(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    path.chmod(0o444)
    with pytest.raises(PermissionError, match="file is read-only: make it writable"):
        _files.write(path, "new")
    assert path.read_text() == "old"
    assert names(tmp_path) == ["file"]


def test_a_folder_that_does_not_exist_is_named(tmp_path):
    path = tmp_path / "nowhere" / "file"
    with pytest.raises(FileNotFoundError, match=re.escape(f"'{path}'")):
        _files.write(path, "text")


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_when_writing_fails_the_old_file_is_as_it_was(tmp_path, error):
    path = tmp_path / "file"
    path.write_text("old")

    def fail(file):
        file.write(b"half of it")
        raise error

    with pytest.raises(type(error)):
        _files.write(path, fail)
    assert path.read_text() == "old"
    assert names(tmp_path) == ["file"]


def test_what_is_no_content_leaves_nothing_behind(tmp_path):
    with pytest.raises(TypeError):
        _files.write(tmp_path / "file", 3)
    assert names(tmp_path) == []


def test_what_a_killed_process_left_is_removed_and_nothing_else(tmp_path):
    left = ".file.0123456789abcdef.part"
    others = [".file.notes.part", ".other.0123456789abcdef.part", "file.part"]
    for name in [left, *others]:
        (tmp_path / name).write_text("half")
    _files.write(tmp_path / "file", "text")
    assert names(tmp_path) == sorted(["file", *others])


def test_a_file_that_is_being_written_is_left_alone(tmp_path):
    path = tmp_path / "file"

    def write_meanwhile(file):
        _files.write(path, "the other's")
        file.write(b"mine")

    _files.write(path, write_meanwhile)
    assert path.read_text() == "mine"
    assert names(tmp_path) == ["file"]


def test_where_there_are_no_locks_an_hour_tells(tmp_path, monkeypatch):
    monkeypatch.setattr(_files, "fcntl", None)
    recent, old = (tmp_path / f".file.{digit * 16}.part" for digit in "01")
    for path in (recent, old):
        path.write_text("half")
    os.utime(old, (0, 0))
    _files.write(tmp_path / "file", "text")
    assert names(tmp_path) == [recent.name, "file"]


def test_locks_that_are_not_there_are_not_used(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "fcntl", types.ModuleType("fcntl"))  # as in JupyterLite
    runpy.run_path(_files.__file__)["write"](tmp_path / "file", "text")
    assert (tmp_path / "file").read_text() == "text"


def test_many_threads_write_to_one_path(tmp_path):
    path, failed = tmp_path / "file", []

    def write(number):
        try:
            for _ in range(20):
                _files.write(path, f"{number}" * 1000)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    text = path.read_text()
    assert text == text[0] * 1000
    assert names(tmp_path) == ["file"]


# Savers that are killed, and pairs of them. One process imports the course and forks the savers.

STRESS = """
import json, os, random, signal, sys, time
import numpy as np
import course_utils as cu

folder, kills, pairs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
path = os.path.join(folder, "net.npz")
networks = [
    cu.Sequential([cu.Dense(100)], input_shape=100, rng=np.random.default_rng(seed))
    for seed in range(2)
]

def is_one_of_the_two():
    W = cu.Sequential.load(path).layers[0].W
    return any(np.array_equal(W, network.layers[0].W) for network in networks)

def fork(job):
    child = os.fork()
    if child == 0:
        code = 1
        try:
            job()
            code = 0
        finally:
            os._exit(code)
    return child

def save_for_ever():
    number = 0
    while True:
        number = 1 - number
        networks[number].save(path)

networks[0].save(path)
random.seed(0)
damaged, left = 0, 0
for _ in range(kills):
    child = fork(save_for_ever)
    time.sleep(random.uniform(0.001, 0.03))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    damaged += not is_one_of_the_two()
    left = max(left, len(os.listdir(folder)) - 1)
networks[0].save(path)
after_kills = sorted(os.listdir(folder))

failed = 0
for _ in range(pairs):
    reading, writing = os.pipe()
    def save_at_the_sign(network):
        os.close(writing)
        os.read(reading, 1)  # ends when the parent closes its end
        network.save(path)
    savers = [fork(lambda: save_at_the_sign(network)) for network in networks]
    os.close(writing)
    os.close(reading)
    failed += sum(os.waitpid(saver, 0)[1] != 0 for saver in savers)
    damaged += not is_one_of_the_two()
print(json.dumps({
    "damaged": damaged, "failed": failed, "most left by kills": left,
    "after kills": after_kills, "after pairs": sorted(os.listdir(folder)),
}))
"""


def test_two_hundred_kills_and_sixty_pairs_of_savers(tmp_path):
    """A kill may leave a temporary file; the next saver removes it, so that there is never a
    second."""
    command = [sys.executable, "-c", STRESS, str(tmp_path), "200", "60"]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    assert found.pop("most left by kills") <= 1
    assert found == {
        "damaged": 0,
        "failed": 0,
        "after kills": ["net.npz"],
        "after pairs": ["net.npz"],
    }
