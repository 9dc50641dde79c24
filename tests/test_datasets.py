"""Data sets: what ships is the real thing, and the full sets survive every kind of bad file.

The full sets are tried with a tiny set in place of MNIST, from folders and from a web server on
this machine; and with the real Fashion-MNIST where Debian's package is installed.
"""

import gzip
import hashlib
import os
import re
import struct
import threading
import tracemalloc
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pooch
import pytest
from numpy.testing import assert_array_equal

import course_utils as cu
from course_utils import datasets

IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"

# What ships with the course


@pytest.mark.parametrize(
    ("file", "sha256"),
    [
        ("mnist_10k.npz", "0c60e9cc58268284d33ca19d4492713726841c11d5a9ac1d199ef4e978640657"),
        (
            "fashion_mnist_5k.npz",
            "e53771eec6042b3c80af6538252a901c61f9b00518e4594746e90e3d540c18e9",
        ),
        ("words.txt", "8e623a8e4c302557cc9d0433c6728a539b6a331fa4fc18772ba3785e1e525fa4"),
    ],
)
def test_shipped_files_are_the_ones_agreed_on(file, sha256):
    contents = (Path(datasets.__file__).parent / "data" / file).read_bytes()
    assert hashlib.sha256(contents).hexdigest() == sha256


def test_words_are_as_described():
    words = cu.load_words()
    assert len(words) == 7464
    assert words == sorted(set(words))
    assert all(re.fullmatch("[a-z]{4,8}", word) for word in words)
    known = set(words)
    assert not any(word[:k] in known for word in words for k in range(4, len(word)))


@pytest.mark.parametrize(
    ("load", "train_size", "test_size", "first_labels"),
    [
        (cu.load_mnist, 8000, 2000, [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]),
        (cu.load_fashion_mnist, 4000, 1000, [9, 0, 0, 3, 0, 2, 7, 2, 5, 5]),
    ],
)
def test_shipped_subset(load, train_size, test_size, first_labels):
    (X_train, y_train), (X_test, y_test) = load()
    assert (X_train.shape, X_test.shape) == ((train_size, 784), (test_size, 784))
    assert (y_train.shape, y_test.shape) == ((train_size,), (test_size,))
    assert_array_equal(y_train[:10], first_labels)
    for X, y in ((X_train, y_train), (X_test, y_test)):
        assert (X.dtype, y.dtype) == (np.float64, np.int64)
        assert (X.min(), X.max()) == (0, 1)
        assert (X.max(axis=1) > 0.5).all()  # no image is blank
        share = np.bincount(y) / len(y)
        assert len(share) == 10
        assert 0.07 < share.min() <= share.max() < 0.13


def test_images_instead_of_rows():
    (images, _), _ = cu.load_mnist(flatten=False)
    (rows, _), _ = cu.load_mnist()
    assert images.shape == (8000, 28, 28, 1)
    assert_array_equal(images[3].ravel(), rows[3])


def test_pixels_as_they_were_counted():
    (bytes_, _), _ = cu.load_mnist(normalize=False, dtype=np.uint8)
    (floats, _), _ = cu.load_mnist(normalize=False)
    (scaled, _), _ = cu.load_mnist()
    assert bytes_.dtype == np.uint8
    assert bytes_.max() == 255
    assert_array_equal(floats, bytes_)
    assert_array_equal(scaled[:100], bytes_[:100] / 255)


def test_float32():
    (X, _), _ = cu.load_fashion_mnist(dtype=np.float32)
    assert X.dtype == np.float32
    assert X.max() == 1


def test_each_call_gives_arrays_of_its_own():
    (X, y), _ = cu.load_fashion_mnist()
    X[:], y[:] = 0, 0
    (X, y), _ = cu.load_fashion_mnist()
    assert X.any()
    assert y.any()


@pytest.mark.parametrize("names", [cu.MNIST_CLASSES, cu.FASHION_MNIST_CLASSES])
def test_ten_classes_have_names(names):
    assert len(set(names)) == 10


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"subset": "medium"}, 'subset must be "small" or "full", got \'medium\''),
        ({"dtype": np.uint8}, "dtype must be a float, or uint8 together with normalize=False"),
        ({"dtype": int, "normalize": False}, "dtype must be a float, or uint8 .* got int64"),
        ({"folder": "digits"}, 'folder goes with subset="full"'),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        cu.load_mnist(**options)


# A tiny set in place of MNIST


def idx(array):
    """The bytes of an IDX file."""
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


def checksums(contents):
    return {file: hashlib.md5(packed).hexdigest() for file, packed in contents.items()}


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """{file name: content} of a set of 5 + 2 images, 4 by 3, which passes for MNIST.

    Neither the network nor the cache and folders of this machine are used.
    """
    rng = np.random.default_rng(0)
    arrays = [rng.integers(256, size=(5, 4, 3)), np.array([3, 1, 4, 1, 5])]
    arrays += [rng.integers(256, size=(2, 4, 3)), np.array([9, 2])]
    contents = {
        file: idx(array.astype(np.uint8))
        for file, array in zip(datasets.FILES, arrays, strict=True)
    }
    monkeypatch.setitem(datasets.CHECKSUMS, "mnist", checksums(contents))
    isolate(monkeypatch, tmp_path)
    return contents


def isolate(monkeypatch, tmp_path):
    monkeypatch.setattr(datasets, "DEBIAN_FOLDER", tmp_path / "debian")
    monkeypatch.setattr(pooch, "os_cache", lambda project: tmp_path / "cache" / project)
    monkeypatch.setitem(datasets.MIRRORS, "mnist", [])
    monkeypatch.setitem(datasets.MIRRORS, "fashion-mnist", [])
    monkeypatch.delenv("COURSE_UTILS_DATA", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def write(folder, contents, packed=True):
    folder.mkdir(parents=True, exist_ok=True)
    for file, content in contents.items():
        if packed:
            (folder / f"{file}.gz").write_bytes(gzip.compress(content))
        else:
            (folder / file).write_bytes(content)
    return folder


def assert_is_tiny(loaded):
    (X_train, y_train), (X_test, y_test) = loaded
    assert (X_train.shape, X_test.shape) == ((5, 12), (2, 12))
    assert_array_equal(y_train, [3, 1, 4, 1, 5])
    assert_array_equal(y_test, [9, 2])
    rng = np.random.default_rng(0)
    assert_array_equal(X_train, rng.integers(256, size=(5, 12)) / 255)
    assert_array_equal(X_test, rng.integers(256, size=(2, 12)) / 255)


# From a folder


@pytest.mark.parametrize("packed", [True, False], ids=["packed", "unpacked"])
def test_full_set_from_a_named_folder(tiny, tmp_path, packed):
    folder = write(tmp_path / "here", tiny, packed)
    assert_is_tiny(cu.load_mnist("full", folder=folder))
    assert_is_tiny(cu.load_mnist("full", folder=str(folder)))


def test_full_set_with_the_other_options(tiny, tmp_path):
    folder = write(tmp_path / "here", tiny)
    (X, _), _ = cu.load_mnist("full", folder=folder, flatten=False, normalize=False, dtype=np.uint8)
    assert X.shape == (5, 4, 3, 1)
    assert X.dtype == np.uint8
    X[:] = 0  # the array is the caller's own


def test_full_set_from_the_environment_variable(tiny, tmp_path, monkeypatch):
    write(tmp_path / "data" / "mnist", tiny)
    monkeypatch.setenv("COURSE_UTILS_DATA", str(tmp_path / "data"))
    assert_is_tiny(cu.load_mnist("full"))


def test_full_set_from_debians_folder(tiny, tmp_path):
    write(tmp_path / "debian" / "mnist", tiny)
    assert_is_tiny(cu.load_mnist("full"))


def test_a_named_folder_goes_before_the_environment_variable(tiny, tmp_path, monkeypatch):
    write(tmp_path / "data" / "mnist", dict.fromkeys(tiny, b"something else"))
    monkeypatch.setenv("COURSE_UTILS_DATA", str(tmp_path / "data"))
    assert_is_tiny(cu.load_mnist("full", folder=write(tmp_path / "here", tiny)))


@pytest.mark.parametrize("exists", [True, False])
def test_an_environment_variable_without_this_set_is_refused(
    tiny, start_mirror, tmp_path, monkeypatch, exists
):
    """It once fell through to Debian's folder, and to a download."""
    write(tmp_path / "debian" / "mnist", tiny)
    mirror = start_mirror(tiny)
    if exists:
        (tmp_path / "data" / "fashion-mnist").mkdir(parents=True)
    monkeypatch.setenv("COURSE_UTILS_DATA", str(tmp_path / "data"))
    with pytest.raises(FileNotFoundError, match="COURSE_UTILS_DATA names .*data, .* no .*'mnist'"):
        cu.load_mnist("full")
    assert mirror.requests == []


@pytest.mark.parametrize("file", datasets.FILES)
def test_a_missing_file_is_named(tiny, tmp_path, file):
    folder = write(tmp_path / "here", tiny)
    (folder / f"{file}.gz").unlink()
    with pytest.raises(FileNotFoundError, match=f"here has neither {file} nor {file}.gz"):
        cu.load_mnist("full", folder=folder)


TAMPERED = idx(np.full((5, 4, 3), 7, np.uint8))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda good: TAMPERED, "not the published file: the checksum"),
        (lambda good: good[:-1], "should hold 76 bytes, it holds 75"),
        (lambda good: good + b"\0", "should hold 76 bytes, it holds 77"),
        (lambda good: good[:7], "should hold .* bytes, it holds 7"),
        (lambda good: good[:3], "is not an IDX file"),
        (lambda good: b"", "is not an IDX file"),
        (lambda good: b"<html>Sign in to the wifi</html>", "is not an IDX file"),
        (lambda good: b"\0\0\x0d" + good[3:], "is not an IDX file"),
        (lambda good: good[:3] + b"\xff" + good[4:], "is not an IDX file"),
        (lambda good: good[:4] + b"\xff" * 12, "should hold .* bytes, it holds 16"),
    ],
)
@pytest.mark.parametrize("packed", [True, False], ids=["packed", "unpacked"])
def test_a_wrong_file_is_named(tiny, tmp_path, packed, damage, message):
    folder = write(tmp_path / "here", tiny, packed)
    write(folder, {IMAGES: damage(tiny[IMAGES])}, packed)
    with pytest.raises(ValueError, match=f"here.{IMAGES}.*{message}"):
        cu.load_mnist("full", folder=folder)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda gz: gz[: len(gz) // 2], "is damaged or truncated"),
        (lambda gz: gz[:5], "is damaged or truncated"),
        (lambda gz: gz[:-8] + bytes(8), "is damaged or truncated"),
        (lambda gz: gz[:30] + bytes(8) + gz[38:], "is damaged or truncated"),
        (lambda gz: gzip.decompress(gz), "is damaged or truncated"),
        (lambda gz: b"", "is not an IDX file"),
    ],
    ids=["half", "header", "checksum", "middle", "not packed", "empty"],
)
def test_a_wrong_packed_file_is_named(tiny, tmp_path, damage, message):
    file = write(tmp_path / "here", tiny) / f"{IMAGES}.gz"
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(ValueError, match=f"here.{IMAGES}.gz {message}"):
        cu.load_mnist("full", folder=file.parent)


@pytest.mark.parametrize("packed", [True, False], ids=["packed", "unpacked"])
def test_a_file_larger_than_any_of_the_set_is_not_read(tiny, tmp_path, packed):
    """A mebibyte of gzip may hold a gibibyte: a tenth of that is enough to see it."""
    folder = write(tmp_path / "here", tiny, packed)
    write(folder, {IMAGES: bytes(2**27)}, packed)
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=f"here.{IMAGES}.* holds more than 47,040,016 bytes"):
            cu.load_mnist("full", folder=folder)
        assert tracemalloc.get_traced_memory()[1] < 1.5 * 2**26
    finally:
        tracemalloc.stop()


# From a web server


class Mirror:
    """A web server on this machine that has the files of a set, until told otherwise."""

    def __init__(self, contents):
        self.bodies = {f"/{f}.gz": gzip.compress(c) for f, c in contents.items()}
        self.announced = {}  # a Content-Length other than the true one
        self.drips = {}  # where, from then on, a byte of the answer comes now and then
        self.stopped = threading.Event()
        self.requests = []
        mirror = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                mirror.requests.append(self.path)
                if self.path not in mirror.bodies:
                    self.send_error(404)
                    return
                body = mirror.bodies[self.path]
                if mirror.drips.get(self.path) == "headers":
                    self.drip()
                    return
                self.send_response(200)
                self.send_header("Content-Length", mirror.announced.get(self.path, len(body)))
                self.end_headers()
                if mirror.drips.get(self.path) == "body":
                    self.drip()
                else:
                    self.wfile.write(body)

            def drip(self):
                while not mirror.stopped.wait(0.01):
                    self.wfile.write(b"H")

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def stop(self):
        self.stopped.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def start_mirror(monkeypatch):
    """start_mirror(contents) starts a server and adds it to the mirrors of MNIST."""
    mirrors = []

    def start(contents, name="mnist"):
        mirrors.append(Mirror(contents))
        addresses = [*datasets.MIRRORS[name], mirrors[-1].address]
        monkeypatch.setitem(datasets.MIRRORS, name, addresses)
        return mirrors[-1]

    yield start
    for mirror in mirrors:
        mirror.stop()


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache" / "course_utils" / "mnist"


def everything_in(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_the_full_set_is_downloaded_once(tiny, start_mirror, cache):
    mirror = start_mirror(tiny)
    assert_is_tiny(cu.load_mnist("full"))
    assert sorted(mirror.requests) == sorted(mirror.bodies)
    assert everything_in(cache) == sorted(datasets.FILES)
    assert_is_tiny(cu.load_mnist("full"))
    assert len(mirror.requests) == 4


def test_a_download_says_nothing(tiny, start_mirror, capfd):
    start_mirror(tiny)
    cu.load_mnist("full")
    assert capfd.readouterr() == ("", "")


def cut_off(mirror, path):
    """The connection breaks in the middle."""
    mirror.announced[path] = len(mirror.bodies[path])
    mirror.bodies[path] = mirror.bodies[path][:30]


def cut_on_the_server(mirror, path):
    mirror.bodies[path] = mirror.bodies[path][:30]


def something_else(mirror, path):
    mirror.bodies[path] = gzip.compress(TAMPERED)


def not_even_packed(mirror, path):
    mirror.bodies[path] = b"<html>Sign in to the wifi</html>"


def too_large(mirror, path):
    mirror.bodies[path] = b"x" * 2**26


def packed_too_large(mirror, path):
    mirror.bodies[path] = gzip.compress(bytes(2**26))


def not_found(mirror, path):
    del mirror.bodies[path]


every_damage = pytest.mark.parametrize(
    "damage",
    [
        cut_off,
        cut_on_the_server,
        something_else,
        not_even_packed,
        too_large,
        packed_too_large,
        not_found,
    ],
)


@every_damage
def test_a_broken_download_leaves_nothing_behind(tiny, start_mirror, cache, damage):
    mirror = start_mirror(tiny)
    damage(mirror, f"/{IMAGES}.gz")
    with pytest.raises(ConnectionError, match=f"{mirror.address}{IMAGES}.gz: "):
        cu.load_mnist("full")
    assert everything_in(cache) == []


@every_damage
def test_a_broken_mirror_is_made_up_for_by_the_next(tiny, start_mirror, cache, damage):
    broken, good = start_mirror(tiny), start_mirror(tiny)
    damage(broken, f"/{IMAGES}.gz")
    assert_is_tiny(cu.load_mnist("full"))
    assert good.requests == [f"/{IMAGES}.gz"]
    assert everything_in(cache) == sorted(datasets.FILES)


@pytest.mark.parametrize("part", ["headers", "body"])
def test_a_server_that_sends_a_byte_now_and_then_is_given_up(
    tiny, start_mirror, cache, monkeypatch, part
):
    mirror = start_mirror(tiny)
    mirror.drips[f"/{IMAGES}.gz"] = part
    mirror.announced[f"/{IMAGES}.gz"] = 10**6
    monkeypatch.setattr(datasets, "SECONDS_FOR_A_FILE", 0.3)
    with pytest.raises(ConnectionError, match=f"{IMAGES}.gz: it was not there after 0.3 seconds"):
        cu.load_mnist("full")
    assert everything_in(cache) == []


def test_what_was_right_is_kept_when_a_later_file_breaks(tiny, start_mirror, cache):
    mirror = start_mirror(tiny)
    not_found(mirror, f"/{LABELS}.gz")
    with pytest.raises(ConnectionError):
        cu.load_mnist("full")
    assert everything_in(cache) == [IMAGES]


def test_a_tampered_file_in_the_cache_is_fetched_again(tiny, start_mirror, cache):
    mirror = start_mirror(tiny)
    cu.load_mnist("full")
    (cache / IMAGES).write_bytes(TAMPERED)
    assert_is_tiny(cu.load_mnist("full"))
    assert mirror.requests[4:] == [f"/{IMAGES}.gz"]


def test_a_file_is_put_into_the_cache_in_one_step(tiny, start_mirror, cache, monkeypatch):
    start_mirror(tiny)
    monkeypatch.setattr(os, "replace", lambda *paths: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        cu.load_mnist("full")
    assert everything_in(cache) == []


def test_a_full_cache_needs_no_network(tiny, start_mirror):
    mirror = start_mirror(tiny)
    cu.load_mnist("full")
    mirror.stop()
    assert_is_tiny(cu.load_mnist("full"))


def test_offline_the_error_says_what_to_do(tiny, start_mirror, cache):
    mirror = start_mirror(tiny)
    mirror.stop()
    with pytest.raises(ConnectionError) as error:
        cu.load_mnist("full")
    message = str(error.value)
    assert message.startswith("the full mnist could not be downloaded:\n")
    assert f"{mirror.address}{IMAGES}.gz: " in message
    for way_out in ("Connect to the internet", "folder=...", "COURSE_UTILS_DATA", 'subset="small"'):
        assert way_out in message
    assert everything_in(cache) == []


def test_offline_a_tampered_cache_is_not_used(tiny, start_mirror, cache):
    mirror = start_mirror(tiny)
    cu.load_mnist("full")
    mirror.stop()
    (cache / IMAGES).write_bytes(TAMPERED)
    with pytest.raises(ConnectionError, match="could not be downloaded"):
        cu.load_mnist("full")


# The real Fashion-MNIST, all of it

AS_PUBLISHED = {"normalize": False, "dtype": np.uint8}


def assert_is_fashion_mnist(loaded):
    (X_train, y_train), (X_test, y_test) = loaded
    assert (X_train.shape, X_test.shape) == ((60_000, 784), (10_000, 784))
    assert_array_equal(np.bincount(y_train), np.full(10, 6000))
    assert_array_equal(np.bincount(y_test), np.full(10, 1000))


def test_the_shipped_part_begins_debians_full_set(debian_folder):
    full = cu.load_fashion_mnist("full", folder=debian_folder, **AS_PUBLISHED)
    assert_is_fashion_mnist(full)
    (X_train, y_train), (X_test, y_test) = cu.load_fashion_mnist(**AS_PUBLISHED)
    assert_array_equal(full[0][0][:5000], np.concatenate([X_train, X_test]))
    assert_array_equal(full[0][1][:5000], np.concatenate([y_train, y_test]))


def test_the_full_set_is_found_where_debian_puts_it(debian_folder, monkeypatch):
    monkeypatch.delenv("COURSE_UTILS_DATA", raising=False)
    monkeypatch.setitem(datasets.MIRRORS, "fashion-mnist", [])
    assert_is_fashion_mnist(cu.load_fashion_mnist("full", **AS_PUBLISHED))


def test_the_full_set_downloaded(debian_folder, start_mirror, monkeypatch, tmp_path):
    isolate(monkeypatch, tmp_path)
    mirror = start_mirror({}, "fashion-mnist")
    mirror.bodies = {f"/{path.name}": path.read_bytes() for path in debian_folder.glob("*.gz")}
    assert_is_fashion_mnist(cu.load_fashion_mnist("full", **AS_PUBLISHED))
    assert len(mirror.requests) == 4
