import io

import numpy as np
import pytest
from PIL import Image

from dltk._errors import OptionError
from dltk.monitor._data import Data
from dltk.monitor._output import File, checked_path, picture, write_picture


@pytest.fixture
def data(clock):
    data = Data(clock)
    data.set_metrics("Loss")
    data.record(1, {"Loss": 0.5})
    data.settle(wait=True)
    return data


def test_a_picture_has_the_size_of_its_figure_times_dpi(data):
    image = Image.open(io.BytesIO(picture(data, dpi=50)))
    assert image.size[0] == 500
    assert len(np.unique(np.asarray(image.convert("L")))) > 50


BEGINNINGS = {".png": b"\x89PNG", ".PDF": b"%PDF", ".svg": b"<?xml", ".jpg": b"\xff\xd8"}


@pytest.mark.parametrize("suffix", BEGINNINGS)
def test_the_suffix_says_the_format(data, tmp_path, suffix):
    file = tmp_path / f"progress{suffix}"
    write_picture(data, file, dpi=40)
    assert file.read_bytes().startswith(BEGINNINGS[suffix])


def test_a_failed_picture_leaves_the_old_file_and_nothing_beside(data, tmp_path, monkeypatch):
    file = tmp_path / "progress.png"
    write_picture(data, file, dpi=40)
    before = file.read_bytes()

    def fail(*args, **options):
        raise OSError("disk full")

    monkeypatch.setattr("dltk.monitor._output.picture", fail)
    with pytest.raises(OSError, match="disk full"):
        File(file).update(data, final=False)
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("progress.pgn", 'Did you mean ".png"'),
        ("progress", "does not end like that of a picture"),
        ("nowhere/progress.png", "the folder of the file does not exist"),
    ],
)
def test_a_file_that_cannot_be_written_is_refused_at_once(name, text):
    with pytest.raises(OptionError, match=text):
        checked_path("exportPlotAsImage", name)


def test_a_path_stays_where_it_was_when_the_folder_changes(tmp_path, monkeypatch):
    path = checked_path("exportPlotAsImage", "progress.png")
    monkeypatch.chdir("/")
    assert path == tmp_path / "progress.png"
