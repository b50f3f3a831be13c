"""Files and images as datastores: what is found, what is read, how it is labelled and divided."""

import numpy as np
import pytest
from PIL import Image

from dltk import (
    OptionError,
    arrayDatastore,
    augment,
    augmentedImageDatastore,
    categorical,
    checkpoints,
    combine,
    countEachLabel,
    fileDatastore,
    hasdata,
    imageDataAugmenter,
    imageDatastore,
    isPartitionable,
    isShuffleable,
    isSubsettable,
    iterable_datastore,
    minibatchqueue,
    next,
    partition,
    readall,
    readimage,
    rng,
    shuffle,
    splitEachLabel,
    subset,
    transform,
)


@pytest.fixture
def folder(tmp_path):
    """Gray images of 4 x 6 in folders: the brightness is 10 times the digit plus the number."""
    for digit in range(3):
        (tmp_path / str(digit)).mkdir()
        for k in range(4):
            pixels = np.full((4, 6), 10 * digit + k, np.uint8)
            Image.fromarray(pixels).save(tmp_path / str(digit) / f"{k}.png")
    (tmp_path / "notes.txt").write_text("no image")
    return tmp_path


def labelled(folder, **options):
    return imageDatastore(folder, IncludeSubfolders=True, LabelSource="foldernames", **options)


def brightness(images):
    return [int(np.asarray(image).flat[0]) for image in images]


def test_folders_are_labels(folder):
    imds = labelled(folder)
    assert len(imds.Files) == imds.numobservations() == 12
    assert np.asarray(imds.Labels).tolist() == [str(d) for d in range(3) for _ in range(4)]
    image, info = imds.read(nargout=2)
    assert (image.shape, image.dtype) == ((4, 6), np.uint8)
    assert info["Filename"].endswith("0/0.png")
    assert str(info["Label"]) == "0"
    assert brightness([readimage(imds, 12)]) == [23]
    assert brightness(readall(imds)) == [0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23]
    counts = countEachLabel(imds)
    assert (np.asarray(counts.Label).tolist(), counts.Count.tolist()) == (list("012"), [4, 4, 4])


def test_labels_follow_their_images(folder):
    rng(1)
    for ds in (shuffle(labelled(folder)), partition(labelled(folder), 2, 2)):
        images = readall(ds)
        wanted = [str(value // 10) for value in brightness(images)]
        assert np.asarray(ds.Labels).tolist() == wanted


def test_each_label_is_split(folder):
    rng(0)
    first, second, rest = splitEachLabel(labelled(folder), 0.25, 0.5)
    assert brightness(readall(first)) == [0, 10, 20]
    assert brightness(readall(second)) == [1, 2, 11, 12, 21, 22]
    assert brightness(readall(rest)) == [3, 13, 23]
    part, rest = splitEachLabel(labelled(folder), 3, "randomized", Exclude="1")
    assert np.asarray(part.Labels).tolist() == ["0"] * 3 + ["2"] * 3
    assert len(rest) == 2
    assert not set(part.Files) & set(rest.Files)


def test_images_become_mini_batches(folder):
    imds = labelled(folder)
    mbq = minibatchqueue(
        combine(imds, arrayDatastore(imds.Labels)),
        MiniBatchSize=5,
        MiniBatchFormat=["SSCB", "CB"],
        OutputCast="single",
    )
    X, T = next(mbq)
    assert (X.shape, X.dims, T.shape) == ((4, 6, 1, 5), "SSCB", (1, 5))
    assert minibatchqueue(imds, MiniBatchSize=2).NumOutputs == 1


@pytest.mark.parametrize(
    ("mode", "size"),
    [("L", (2, 3)), ("RGB", (2, 3, 3)), ("RGBA", (2, 3, 3)), ("P", (2, 3, 3)), ("LA", (2, 3))],
)
def test_every_kind_of_image_is_read_as_matlab_does(mode, size, tmp_path):
    Image.new(mode, (3, 2)).save(tmp_path / "a.png")
    assert imageDatastore(tmp_path).read().shape == size


def test_files_of_any_kind(tmp_path):
    for k in range(5):
        np.savez(tmp_path / f"{k}.npz", X=np.full((2, 1), k), T=k)

    def readFcn(filename):
        with np.load(filename) as content:
            return content["X"], content["T"]

    ds = fileDatastore(tmp_path / "*.npz", ReadFcn=readFcn)
    mbq = minibatchqueue(ds, MiniBatchSize=3, MiniBatchFormat=["CB", "CB"])
    X, T = next(mbq)
    np.testing.assert_array_equal(np.asarray(X), [[0, 1, 2], [0, 1, 2]])
    np.testing.assert_array_equal(np.asarray(T), [[0, 1, 2]])
    assert [int(t) for _, t in readall(subset(ds, [4, 0]))] == [4, 0]


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda f: imageDatastore(f), r"no files with one of[\s\S]*IncludeSubfolders=True"),
        (lambda f: imageDatastore(f / "nothing"), r"no such file or folder[\s\S]*location"),
        (lambda f: labelled(f, FileExtensions=".jpg"), "no files with one of the endings .jpg"),
        (lambda f: imageDatastore(f / "0", LabelSource="folder"), 'Did you mean "foldernames"'),
        (lambda f: imageDatastore(f / "0", Labels=["a"]), "1 labels for 4 files"),
        (lambda f: readimage(labelled(f), 0), "there is no image 0.\nNumbers go from 1 to 12"),
        (lambda f: splitEachLabel(imageDatastore(f / "0"), 0.5), "the datastore has no labels"),
        (lambda f: splitEachLabel(labelled(f), 0.8, 0.9), "fractions add up to 1"),
        (lambda f: splitEachLabel(labelled(f), 5), 'label "0" has 4 files, 5 are asked for'),
        (lambda f: splitEachLabel(labelled(f), 0.5, Include="7"), 'no label "7"'),
        (lambda f: fileDatastore(f, ReadFcn=3), "ReadFcn is 3, not a function"),
    ],
)
def test_what_does_not_fit_is_refused(call, text, folder):
    with pytest.raises(OptionError, match=text):
        call(folder)


def test_an_error_names_the_file(folder):
    ds = imageDatastore(folder / "0", FileExtensions="png", ReadFcn=lambda name: 1 / 0)
    with pytest.raises(ZeroDivisionError) as error:
        ds.read()
    assert "0.png" in error.value.__notes__[0]


# Changed images


RAMP = np.arange(24.0).reshape(4, 6)


def test_changes_of_images_are_what_they_are_called():
    def only(**options):
        return augment(imageDataAugmenter(**options), RAMP)

    np.testing.assert_array_equal(only(), RAMP)
    np.testing.assert_array_equal(only(RandXTranslation=[2, 2])[:, 2:], RAMP[:, :-2])
    np.testing.assert_array_equal(only(RandYTranslation=[-1, -1])[:-1], RAMP[1:])
    square = RAMP[:, :4]
    turned = augment(imageDataAugmenter(RandRotation=[90, 90]), square)
    np.testing.assert_allclose(turned, np.rot90(square), atol=1e-9)  # counterclockwise
    doubled = only(RandXScale=[2, 2])
    np.testing.assert_allclose(doubled[:, 2:4], RAMP[:, 2:4] + [0.25, -0.25])
    sheared = only(RandXShear=[45, 45])  # a row that lies one further down lies one further right
    np.testing.assert_allclose(sheared[1:3, 1:5], RAMP[1:3, 1:5] - [[-0.5], [0.5]])
    drawn = {np.allclose(only(RandXReflection=True), RAMP[:, ::-1]) for _ in range(20)}
    assert drawn == {True, False}


def test_changes_keep_number_types_and_follow_rng():
    augmenter = imageDataAugmenter(RandRotation=[-30, 30], RandScale=lambda: 1.1)
    image = np.uint8(10 * RAMP)
    rng(3)
    one = augment(augmenter, [image, image])
    rng(3)
    two = augment(augmenter, [image, image])
    assert one[0].dtype == np.uint8
    np.testing.assert_array_equal(one, two)
    assert not np.array_equal(one[0], one[1])
    with pytest.raises(OptionError, match=r"RandRotation must be a range \[low, high\]"):
        imageDataAugmenter(RandRotation=30)


def test_augmented_images_have_one_size_and_their_labels(folder):
    auimds = augmentedImageDatastore([8, 8, 3], labelled(folder), ColorPreprocessing="gray2rgb")
    assert auimds.NumObservations == 12
    mbq = minibatchqueue(shuffle(auimds), MiniBatchSize=12, MiniBatchFcn=lambda X, T: (
        np.stack(X, axis=3), np.array([int(str(t)) for t in T])))  # fmt: skip
    X, T = next(mbq)
    assert X.shape == (8, 8, 3, 12)
    np.testing.assert_array_equal(np.asarray(X)[0, 0, 0] // 10, np.asarray(T).ravel())


def test_sizes_by_resizing_and_cropping():
    X = np.stack([RAMP, RAMP + 100], axis=2)[:, :, np.newaxis]
    Y = np.array([[1.0, 2.0], [3.0, 4.0]])

    def read(**options):
        return augmentedImageDatastore(options.pop("size"), X, Y, **options).read()

    (image, response), _ = read(size=[2, 2], OutputSizeMode="centercrop")
    np.testing.assert_array_equal(image[:, :, 0], RAMP[1:3, 2:4])
    np.testing.assert_array_equal(response, [[1, 2]])
    rng(0)
    corners = {
        float(read(size=[2, 2], OutputSizeMode="randcrop")[0][0][0, 0, 0]) for _ in range(30)
    }
    assert len(corners) > 5
    assert corners <= set(RAMP[:3, :5].ravel())
    ((half, _), _) = read(size=[2, 3])
    np.testing.assert_allclose(half[:, :, 0].mean(), RAMP.mean(), rtol=1e-6)
    rgb = np.random.RandomState(0).rand(2, 2, 3, 1)
    ((gray,),) = [augmentedImageDatastore([2, 2], rgb, ColorPreprocessing="rgb2gray").read()]
    np.testing.assert_allclose(gray[:, :, 0], rgb[..., 0] @ [0.298936, 0.587043, 0.114021])


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda X: augmentedImageDatastore([4], X), r"outputSize must be \[height, width\]"),
        (lambda X: augmentedImageDatastore([4, 4], X, [1, 2]), "2 responses for 3 images"),
        (lambda X: augmentedImageDatastore([4, 4], "x"), "an imageDatastore or an array"),
        (lambda X: augmentedImageDatastore([4, 4], X, DataAugmentation="all"), "Make one, imageDa"),
        (lambda X: augmentedImageDatastore([4, 4], X, OutputSizeMode="crop"), "Use one of"),
        (lambda X: augmentedImageDatastore([9, 9], X, OutputSizeMode="randcrop").read(), "smaller"),
        (lambda X: augmentedImageDatastore([4, 4, 3], X).read(), "has 1 channels"),
    ],
)
def test_wrong_images_and_sizes_are_refused(call, text):
    with pytest.raises(OptionError, match=text):
        call(np.zeros((5, 5, 1, 3)))


def test_changed_images_go_on_from_a_checkpoint(tmp_path):
    augmenter = imageDataAugmenter(RandRotation=[-30, 30])

    def queue():
        X = np.random.RandomState(0).rand(5, 5, 1, 9)
        ds = augmentedImageDatastore([5, 5], X, categorical(range(9)), DataAugmentation=augmenter)
        return minibatchqueue(ds, MiniBatchSize=2, OutputCast="single",
                              PreprocessingEnvironment="background")  # fmt: skip

    mbq = queue()
    shuffle(mbq)
    next(mbq)
    saved = checkpoints(tmp_path)
    saved.save(1, mbq=mbq)
    rest = [np.asarray(X) for X, _ in mbq]
    other = queue()
    saved.load(mbq=other)
    for X, (Y, _) in zip(rest, other, strict=True):
        np.testing.assert_array_equal(X, np.asarray(Y))


def test_what_a_datastore_can_do_is_asked():
    stream = iterable_datastore(lambda: iter([1, 2]))
    for ask in (isShuffleable, isPartitionable, isSubsettable):
        assert ask(arrayDatastore([1, 2]))
        assert not ask(stream)
        assert not ask(transform(stream, lambda x: x))
        assert not ask(combine(stream, arrayDatastore([1, 2])))
    assert not isSubsettable(object())
    assert hasdata(stream)
