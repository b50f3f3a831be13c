import gzip
import struct

import numpy as np
import pytest

from dltk._errors import OptionError
from dltk.data import categories, cellstr, processImagesMNIST, processLabelsMNIST

PIXELS = np.random.RandomState(0).randint(0, 256, (3, 28, 28)).astype(np.uint8)


def images(pixels=PIXELS, magic=2051):
    """An IDX file as http://yann.lecun.com/exdb/mnist/ describes it: header, then rows."""
    rows = [bytes(row) for image in pixels.tolist() for row in image]
    return struct.pack(">iiii", magic, *pixels.shape) + b"".join(rows)


LABELS = struct.pack(">ii", 2049, 4) + bytes([7, 0, 7, 3])


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_images_have_rows_first_and_values_up_to_one(tmp_path, pack):
    file = tmp_path / "train-images-idx3-ubyte"
    file.write_bytes(pack(images()))
    X = processImagesMNIST(str(file))
    assert X.shape == (28, 28, 1, 3)
    assert X.dtype == np.float64
    for k, image in enumerate(PIXELS):
        np.testing.assert_array_equal(X[:, :, 0, k], image / 255)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_labels_are_categorical(tmp_path, pack):
    file = tmp_path / "labels.gz" if pack is gzip.compress else tmp_path / "labels"
    file.write_bytes(pack(LABELS))
    T = processLabelsMNIST(file)
    assert cellstr(T) == ["7", "0", "7", "3"]
    assert categories(T) == ["0", "3", "7"]


def damaged_gzip():
    packed = bytearray(gzip.compress(images()))
    packed[40] ^= 0xFF
    return bytes(packed)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "x",
            LABELS,
            r"not a file of images.*\n.*\n  first number: 2049\n.*2051\n.*file of labels",
        ),
        ("x", b"\x89PNG\r\n\x1a\n" * 9, r"not a file of images(.|\n)*Download"),
        ("x", images()[:-1], r"ends too early.*\n.*\n  header says: 3 x 28 x 28\n  bytes: 2367"),
        ("x", images() + b"\0", "has bytes behind its data"),
        ("x", images()[:10], "ends in its header"),
        ("x", b"", "ends in its header"),
        ("x.gz", images(), r"not a gzip file, though its name ends in .gz"),
        ("x", gzip.compress(images())[:-9], "compressed data is damaged"),
        ("x", damaged_gzip(), "compressed data is damaged"),
    ],
    ids=["labels", "png", "short", "long", "header", "empty", "no gzip", "cut gzip", "bad gzip"],
)
def test_damaged_files_are_refused(tmp_path, name, content, message):
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(OptionError, match=message) as error:
        processImagesMNIST(file)
    assert str(file) in str(error.value)


def test_sizes_beyond_any_memory_are_refused_without_reserving_it(tmp_path):
    file = tmp_path / "x"
    file.write_bytes(struct.pack(">iIII", 2051, 2**32 - 1, 2**32 - 1, 2**32 - 1))
    with pytest.raises(OptionError, match="ends too early"):
        processImagesMNIST(file)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(OptionError, match=r"cannot be read: No such file(.|\n)*missing"):
        processLabelsMNIST(tmp_path / "missing")
