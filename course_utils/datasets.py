"""MNIST and Fashion-MNIST: a part ships with the course, the full sets are fetched when asked for.

Looked at in lessons 3 and 5. And a list of English words, for lesson 12.
"""

import gzip
import hashlib
import io
import math
import os
import threading
import zlib
from pathlib import Path

import numpy as np

from . import _files

MNIST_CLASSES = tuple("0123456789")
FASHION_MNIST_CLASSES = (
    "T-shirt/top",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle boot",
)

FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)

# md5 of the decompressed files: mirrors pack them anew, what is inside stays the same.
CHECKSUMS = {
    "mnist": dict(
        zip(
            FILES,
            (
                "6bbc9ace898e44ae57da46a324031adb",
                "a25bea736e30d166cdddb491f175f624",
                "2646ac647ad5339dbf082846283269ea",
                "27ae3e4e09519cfbb04c329615203637",
            ),
            strict=True,
        )
    ),
    "fashion-mnist": dict(
        zip(
            FILES,
            (
                "f4a8712d7a061bf5bd6d2ca38dc4d50a",
                "9018921c3c673c538a1fc5bad174d6f9",
                "8181f5470baa50b63fa0f6fddb340f0a",
                "15d484375f8d13e6eb1aabb0c3f46965",
            ),
            strict=True,
        )
    ),
}

MIRRORS = {
    "mnist": [
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ],
    "fashion-mnist": [
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
    ],
}

# Debian's package dataset-fashion-mnist puts the four files here.
DEBIAN_FOLDER = Path("/usr/share/datasets")

FOLDER_VARIABLE = "COURSE_UTILS_DATA"

LARGEST_FILE = 16 + 60_000 * 28 * 28  # bytes: the training images
SECONDS_FOR_A_FILE = 300  # of at most 26 MB, packed


def load_mnist(subset="small", *, flatten=True, normalize=True, dtype=np.float64, folder=None):
    """Handwritten digits: `(X_train, y_train), (X_test, y_test)`.

    Parameters
    ----------
    subset : "small" for the 8,000 and 2,000 that ship with the course (all of them from
        MNIST's training set), or "full" for the official 60,000 and 10,000
    flatten : True for X (N, 784), False for images (N, 28, 28, 1)
    normalize : True for pixels in 0..1, False for 0..255
    dtype : of X; numpy.uint8 goes with normalize=False
    folder : for subset="full", where the four IDX files are, packed (.gz) or not

    Returns
    -------
    X_train, X_test as above; y_train, y_test (N,), integers 0..9

    Without `folder`, the full set is read from the folder `mnist` under the one that the
    environment variable COURSE_UTILS_DATA names. Where there is no such variable it is taken
    from the cache, or downloaded into the cache. Every file's content is verified, wherever it
    comes from.

    Raises ValueError where an argument or a file is wrong, naming it; FileNotFoundError where
    a file is missing; ConnectionError where nothing can be had, saying what to do.
    The digits are first looked at in lesson 5.
    """
    return _load("mnist", "mnist_10k.npz", 8000, subset, flatten, normalize, dtype, folder)


def load_fashion_mnist(
    subset="small", *, flatten=True, normalize=True, dtype=np.float64, folder=None
):
    """Pictures of clothes, 28 by 28 like the digits: `(X_train, y_train), (X_test, y_test)`.

    As load_mnist, with 4,000 and 1,000 shipped. The names of the ten classes are in
    FASHION_MNIST_CLASSES. The full set is also found where Debian's package
    dataset-fashion-mnist puts it. First looked at in lesson 3.
    """
    return _load(
        "fashion-mnist", "fashion_mnist_5k.npz", 4000, subset, flatten, normalize, dtype, folder
    )


def load_words():
    """7,464 English words of four to eight letters, a to z, in alphabetical order: a list of str.

    Few of them are forms of one another: data/README.md says how they were chosen. Lesson 12.
    """
    path = Path(__file__).parent / "data" / "words.txt"
    return path.read_text(encoding="ascii").split()


def _load(name, shipped, train_size, subset, flatten, normalize, dtype, folder):
    dtype = np.dtype(dtype)
    if dtype.kind != "f" and (normalize or dtype != np.uint8):
        raise ValueError(
            f"dtype must be a float, or uint8 together with normalize=False, got {dtype}"
        )
    if subset == "small":
        if folder is not None:
            raise ValueError('folder goes with subset="full"; the small one ships with the course')
        with np.load(Path(__file__).parent / "data" / shipped) as file:
            images, labels = file["images"], file["labels"]
        parts = [
            (images[:train_size], labels[:train_size]),
            (images[train_size:], labels[train_size:]),
        ]
    elif subset == "full":
        arrays = _full(name, folder)
        parts = [tuple(arrays[:2]), tuple(arrays[2:])]
    else:
        raise ValueError(f'subset must be "small" or "full", got {subset!r}')
    return tuple(
        (_prepare(images, flatten, normalize, dtype), labels.astype(np.int64))
        for images, labels in parts
    )


def _prepare(images, flatten, normalize, dtype):
    shape = (len(images), -1) if flatten else (*images.shape, 1)
    X = images.reshape(shape).astype(dtype)
    if normalize:
        X /= 255
    return X


def _full(name, folder):
    """The four arrays of the full set, downloaded if need be."""
    folder = _folder(name) if folder is None else Path(folder)
    if folder is None:
        return [_cached(name, file) for file in FILES]
    return [
        _read(path, CHECKSUMS[name][path.name.removesuffix(".gz")]) for path in _files_in(folder)
    ]


def _folder(name):
    """The folder on this machine that has the full set, or None."""
    if os.environ.get(FOLDER_VARIABLE):
        named = Path(os.environ[FOLDER_VARIABLE]) / name
        if not named.is_dir():
            raise FileNotFoundError(
                f"the environment variable {FOLDER_VARIABLE} names "
                f"{os.environ[FOLDER_VARIABLE]}, which holds no folder {name!r}: put the four "
                "files of the set there, or unset the variable to have them downloaded"
            )
        return named
    return DEBIAN_FOLDER / name if (DEBIAN_FOLDER / name).is_dir() else None


def _files_in(folder):
    paths = []
    for file in FILES:
        packed, plain = folder / f"{file}.gz", folder / file
        if not plain.is_file() and not packed.is_file():
            raise FileNotFoundError(f"{folder} has neither {file} nor {file}.gz")
        paths.append(plain if plain.is_file() else packed)
    return paths


def _read(path, checksum):
    """The array in a file of a set, packed with gzip (.gz) or not."""
    with open(path, "rb") as file:
        return _parse(path, _unpacked(path, file), checksum)


def _unpacked(name, file):
    """What the open file holds, unpacked where the name says so; no more than it may hold."""
    try:
        if str(name).endswith(".gz"):
            file = gzip.GzipFile(fileobj=file)
        contents = file.read(LARGEST_FILE + 1)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{name} is damaged or truncated: {error}") from error
    if len(contents) > LARGEST_FILE:
        raise ValueError(
            f"{name} holds more than {LARGEST_FILE:,} bytes, the most that one of these files has"
        )
    return contents


def _parse(name, contents, checksum):
    """The array in the content of a file; refused unless it is the published one."""
    array = _parse_idx(name, contents)
    if hashlib.md5(contents, usedforsecurity=False).hexdigest() != checksum:
        raise ValueError(
            f"{name} is not the published file: the checksum of its content differs; "
            "delete it and get it again"
        )
    return array


def _parse_idx(path, contents):
    """The array that an IDX file, MNIST's own format, holds.

    It is two zero bytes, the type (8 says uint8), the number of axes, the length of each axis as
    four bytes, and then the numbers.
    """
    if contents[:4] not in (b"\0\0\x08\x01", b"\0\0\x08\x03"):  # labels, images
        raise ValueError(f"{path} is not an IDX file of bytes, as MNIST's are")
    header = 4 + 4 * contents[3]
    shape = [int.from_bytes(contents[i : i + 4], "big") for i in range(4, header, 4)]
    expected = header + math.prod(shape)
    if len(contents) != expected:
        raise ValueError(f"{path} should hold {expected:,} bytes, it holds {len(contents):,}")
    return np.frombuffer(contents, np.uint8, offset=header).reshape(shape)


def _cached(name, file):
    """The array in one file of the cache; fetched first where it is not there, or not right."""
    import pooch

    path, checksum = Path(pooch.os_cache("course_utils")) / name / file, CHECKSUMS[name][file]
    try:
        return _read(path, checksum)
    except (OSError, ValueError):
        pass  # anything wrong with the cache is cured by fetching the file
    reasons = []
    for mirror in MIRRORS[name]:
        url = f"{mirror}{file}.gz"
        try:
            contents = _unpacked(url, io.BytesIO(_download(url)))
            array = _parse(url, contents, checksum)
        except (OSError, ValueError) as error:
            reasons.append(f"  {url}: {error}")
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        _files.write(path, contents)
        return array
    raise ConnectionError(
        f"the full {name} could not be downloaded:\n" + "\n".join(reasons) + "\n"
        f"Connect to the internet and try again; or get the four files elsewhere, put them "
        f"into one folder, and pass folder=...; or put them into a folder {name!r} and name "
        f"the folder that holds it in the environment variable {FOLDER_VARIABLE}. The small "
        'subset needs no network: subset="small"'
    )


def _download(url):
    """The bytes at url.

    A server that sends a byte now and then keeps within any time-out of a single answer. So the
    whole download is done in a thread, which is left alone when its time is over.
    """
    import pooch

    received, errors = _Received(), []

    def fetch():
        try:
            pooch.HTTPDownloader(timeout=30)(url, received, None)
        except Exception as error:
            errors.append(str(error))  # the error itself would keep the connection

    thread = threading.Thread(target=fetch, daemon=True)
    thread.start()
    try:
        thread.join(SECONDS_FOR_A_FILE)
    finally:
        received.wanted = False
    if thread.is_alive():
        raise TimeoutError(f"it was not there after {SECONDS_FOR_A_FILE} seconds")
    if errors:
        raise ConnectionError(errors[0])
    return received.getvalue()


class _Received(io.BytesIO):
    """The bytes of a download, so many as there may be, as long as they are wanted."""

    wanted = True

    def write(self, some):
        if not self.wanted or self.tell() + len(some) > LARGEST_FILE:
            raise ValueError(f"it sends more than {LARGEST_FILE:,} bytes")
        return super().write(some)
