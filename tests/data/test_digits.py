import os

import numpy as np
import pytest
from scipy.ndimage import rotate

from dltk.data import _digits as digits
from dltk.data import categories, countcats, digitTest4DArrayData, digitTrain4DArrayData


@pytest.fixture(autouse=True, scope="module")
def cache(tmp_path_factory):
    """A cache folder for the tests of this file."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLTK_CACHE", str(folder))
        yield folder


@pytest.mark.parametrize("load", [digitTrain4DArrayData, digitTest4DArrayData])
def test_sizes_types_and_ranges_are_those_of_matlab(load):
    X, Y, angles = load()
    assert X.shape == (28, 28, 1, 5000)
    assert X.dtype == angles.dtype == np.float64
    assert X.min() == 0
    assert X.max() == 1
    assert categories(Y) == [str(digit) for digit in range(10)]
    assert countcats(Y).tolist() == [500] * 10
    assert angles.shape == (5000,)
    assert angles.min() == -45
    assert angles.max() == 45


def test_images_are_the_same_every_time_and_differ_from_each_other():
    first, again, other = (digits._make(seed, 40) for seed in (7, 7, 8))
    for key in first:
        np.testing.assert_array_equal(first[key], again[key])
    assert (first["images"] != other["images"]).any(axis=(1, 2)).all()
    everything = np.concatenate([first["images"], other["images"]])
    assert len(np.unique(everything.reshape(80, -1), axis=0)) == 80


def test_train_and_test_share_no_image():
    X, _, _ = digitTrain4DArrayData()
    Z, _, _ = digitTest4DArrayData()
    images = np.concatenate([X, Z], axis=3).reshape(784, -1).T
    assert len(np.unique((255 * images).astype(np.uint8), axis=0)) == 10000


def test_turning_back_by_the_angle_makes_the_digits_of_a_class_alike():
    drawn = digits._make(3, 400)
    images, labels, angles = drawn["images"] / 255, drawn["labels"], drawn["angles"]

    def spread(sign):
        """Mean variance of a pixel within a class, after turning by sign * angle."""
        pairs = zip(images, sign * angles, strict=True)
        turned = np.array([rotate(X, a, reshape=False, order=1) for X, a in pairs])
        return np.mean([turned[labels == k].var(axis=0).mean() for k in range(10)])

    # scipy turns counterclockwise by a positive angle, as imrotate does
    assert spread(1) < 0.85 * min(spread(0), spread(-1))


def test_a_linear_classifier_is_not_enough():
    (X, Y, _), (Z, T, _) = digitTrain4DArrayData(), digitTest4DArrayData()
    X, Z = (np.vstack([a.reshape(784, -1), np.ones(a.shape[-1])]) for a in (X, Z))
    wanted = np.eye(10)[np.asarray(Y).astype(int)].T
    W = wanted @ X.T @ np.linalg.inv(X @ X.T + 30 * np.eye(785))  # least squares
    accuracy = np.mean((W @ Z).argmax(0) == np.asarray(T).astype(int))
    assert 0.6 < accuracy < 0.95


# the cache


def test_a_second_call_reads_the_cache(cache, monkeypatch):
    expected = digitTest4DArrayData()
    monkeypatch.setattr(digits, "draw_digits", lambda *args: pytest.fail("drawn again"))
    again = digitTest4DArrayData()
    np.testing.assert_array_equal(expected[0], again[0])
    assert (expected[1] == again[1]).all()
    assert [file.name for file in cache.iterdir() if "test" in file.name] == ["digits-v1-test.npz"]


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "text", "other arrays"])
def test_a_damaged_cache_is_made_again(tmp_path, monkeypatch, damage):
    monkeypatch.setenv("DLTK_CACHE", str(tmp_path))
    monkeypatch.setattr(digits, "COUNT", 20)
    expected = digits.digitTrain4DArrayData()
    [file] = tmp_path.iterdir()
    good = file.read_bytes()
    middle = len(good) // 3
    content = {
        "cut": good[:middle],
        "flip": good[:middle] + bytes([good[middle] ^ 0xFF]) + good[middle + 1 :],
        "empty": b"",
        "text": b"nothing",
    }
    if damage == "other arrays":
        with file.open("wb") as stream:
            np.savez(stream, images=np.zeros((20, 28, 28)))
    else:
        file.write_bytes(content[damage])
    again = digits.digitTrain4DArrayData()
    np.testing.assert_array_equal(expected[0], again[0])
    assert file.read_bytes() != content.get(damage)


def test_no_permission_to_write_is_no_error(tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("where the folder should be")
    monkeypatch.setenv("DLTK_CACHE", str(blocked))
    monkeypatch.setattr(digits, "COUNT", 20)
    assert digits.digitTrain4DArrayData()[0].shape == (28, 28, 1, 20)


def test_cache_folder_follows_the_environment(monkeypatch):
    from dltk._cache_folder import cache_folder

    monkeypatch.delenv("DLTK_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", os.path.join("somewhere", "else"))
    assert cache_folder().parts == ("somewhere", "else", "dltk")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder().parts[-2:] == (".cache", "dltk")
