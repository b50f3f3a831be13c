import numpy as np
import pytest

from dltk import dlarray, imtile
from dltk._errors import OptionError

IMAGES = np.arange(5 * 2 * 3).reshape(5, 2, 3)  # five images of 2 x 3


def four_dimensions(images):
    return np.moveaxis(images, 0, -1)[:, :, np.newaxis, :]


@pytest.mark.parametrize(
    "images",
    [list(IMAGES), four_dimensions(IMAGES), dlarray(np.single(four_dimensions(IMAGES)), "SSCB")],
    ids=["list", "array", "dlarray"],
)
def test_images_stand_row_by_row(images):
    sheet = imtile(images, GridSize=[2, 3])
    np.testing.assert_array_equal(sheet[:2], np.concatenate(IMAGES[:3], axis=1))
    np.testing.assert_array_equal(sheet[2:, :6], np.concatenate(IMAGES[3:], axis=1))
    np.testing.assert_array_equal(sheet[2:, 6:], 0)


@pytest.mark.parametrize(
    ("size", "count", "grid"),
    [((4, 4), 25, (5, 5)), ((4, 4), 5, (2, 3)), ((2, 8), 8, (4, 2)), ((4, 4), 1, (1, 1))],
)
def test_the_sheet_is_about_as_high_as_wide(size, count, grid):
    sheet = imtile(np.ones((*size, 1, count)))
    assert sheet.shape == (size[0] * grid[0], size[1] * grid[1])


@pytest.mark.parametrize(("grid", "shape"), [([2, np.nan], (4, 9)), ([np.nan, 1], (10, 3))])
def test_one_number_of_the_grid_can_be_left_open(grid, shape):
    assert imtile(list(IMAGES), GridSize=grid).shape == shape


def test_colours_borders_and_type_are_kept():
    images = np.full((2, 2, 3, 2), 7, np.uint8)
    sheet = imtile(images, BorderSize=[1, 0], BackgroundColor=[1, 2, 3], GridSize=[1, 2])
    assert (sheet.shape, sheet.dtype) == ((4, 4, 3), np.uint8)
    np.testing.assert_array_equal(sheet[0, 0], [1, 2, 3])
    np.testing.assert_array_equal(sheet[1:3], 7)


WRONG = {
    "channels": (lambda: imtile(np.ones((2, 2, 2, 4))), r"1 or 3 channels.\n  images: 2×2×2×4"),
    "sizes": (lambda: imtile([np.ones((2, 2)), np.ones((2, 3))]), r"have one size.\n.*2×2, 2×3"),
    "none": (lambda: imtile([]), r"sizes: no images"),
    "grid": (lambda: imtile(list(IMAGES), GridSize=[1, 2]), r"fewer places.*\n.*1 × 2\n.*5"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_use_is_refused_in_words(case):
    call, text = WRONG[case]
    with pytest.raises(OptionError, match=text):
        call()
