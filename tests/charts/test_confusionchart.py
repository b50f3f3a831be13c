import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.patches import Rectangle

from dltk import categorical, confusionchart, confusionmat, sortClasses
from dltk._errors import OptionError

TRUE = ["cat", "cat", "cat", "dog", "dog", "fish"]
GUESS = ["cat", "dog", "cat", "dog", "fish", "fish"]
COUNTS = [[2, 1, 0], [0, 1, 1], [0, 0, 1]]


@pytest.mark.parametrize("kind", [list, np.array, categorical])
def test_counts_have_true_classes_as_rows(kind):
    matrix, order = confusionmat(kind(TRUE), kind(GUESS), nargout=2)
    np.testing.assert_array_equal(matrix, COUNTS)
    assert [str(c) for c in order] == ["cat", "dog", "fish"]


def test_counts_are_those_of_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    random = np.random.default_rng(0)
    true, guess = random.integers(-3, 12, (2, 500))
    np.testing.assert_array_equal(confusionmat(true, guess), metrics.confusion_matrix(true, guess))


def test_categories_without_observations_have_rows_and_keep_their_order():
    T = categorical(["b", "a"], ["c", "b", "a"])
    np.testing.assert_array_equal(
        confusionmat(T, categorical(["b", "b"])), [[0, 0, 0], [0, 1, 0], [0, 1, 0]]
    )


def test_observations_without_a_class_are_not_counted():
    T = categorical(["a", "b", "x"], ["a", "b"])
    assert confusionmat(T, categorical(["a", "", "a"])).tolist() == [[1, 0], [0, 0]]
    assert confusionmat([1.0, np.nan], [1.0, 1.0]).tolist() == [[1]]


def test_rows_come_in_the_wanted_order():
    matrix, order = confusionmat([3, 1, 1], [3, 1, 3], Order=[3, 2, 1], nargout=2)
    np.testing.assert_array_equal(matrix, [[1, 0, 0], [0, 0, 0], [1, 0, 1]])
    assert [str(c) for c in order] == ["3", "2", "1"]
    with pytest.raises(OptionError, match=r"confusionmat: an order names each class once"):
        confusionmat([3, 1], [3, 1], Order=[3])


def cells(chart):
    """Texts of the drawn cells by place (column, row), and colours."""
    patches = [p for p in chart.axes.patches if isinstance(p, Rectangle)]
    colors = {p.get_xy(): p.get_facecolor()[:3] for p in patches}
    texts = {(t.get_position()[0] - 0.5, t.get_position()[1] - 0.5): t.get_text()
             for t in chart.axes.texts}  # fmt: skip
    return texts, colors


def test_cells_show_counts_right_in_blue_and_wrong_in_orange():
    texts, colors = cells(confusionchart(TRUE, GUESS))
    assert texts == {(0, 0): "2", (1, 0): "1", (1, 1): "1", (2, 1): "1", (2, 2): "1"}
    assert colors[0, 1] == (1, 1, 1)  # nothing there
    red, green, blue = colors[0, 0]
    assert red < green < blue
    red, green, blue = colors[1, 0]
    assert red > green > blue


def test_a_matrix_with_names_gives_the_same_picture():
    chart = confusionchart(np.array(COUNTS, float), ["cat", "dog", "fish"])
    assert cells(chart)[0] == cells(confusionchart(TRUE, GUESS))[0]
    assert confusionchart(COUNTS).ClassLabels == ["1", "2", "3"]


def test_summaries_are_recall_and_precision():
    chart = confusionchart(TRUE, GUESS, RowSummary="row-normalized")
    chart.ColumnSummary = "column-normalized"
    texts, _ = cells(chart)
    beside = {place: text for place, text in texts.items() if place[0] > 2.1}
    below = {place: text for place, text in texts.items() if place[1] > 2.1}
    assert sorted(beside.items()) == [
        ((3.35, 0), "66.7%"), ((3.35, 1), "50.0%"), ((3.35, 2), "100.0%"),
        ((4.35, 0), "33.3%"), ((4.35, 1), "50.0%"),
    ]  # fmt: skip
    assert sorted(below.items()) == [
        ((0, 3.35), "100.0%"), ((1, 3.35), "50.0%"), ((1, 4.35), "50.0%"),
        ((2, 3.35), "50.0%"), ((2, 4.35), "50.0%"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("absolute", COUNTS),
        ("row-normalized", [[2 / 3, 1 / 3, 0], [0, 0.5, 0.5], [0, 0, 1]]),
        ("column-normalized", [[1, 0.5, 0], [0, 0.5, 0.5], [0, 0, 0.5]]),
        ("total-normalized", np.array(COUNTS) / 6),
    ],
)
def test_values_are_parts_of_row_column_or_all(how, expected):
    chart = confusionchart(TRUE, GUESS, Normalization=how)
    np.testing.assert_allclose(chart.NormalizedValues, expected)


def test_classes_are_sorted_by_hits_or_as_wanted():
    chart = confusionchart([[1, 0, 2], [0, 5, 0], [1, 1, 3]], ["b", "a", "c"])
    sortClasses(chart, "descending-diagonal")
    assert chart.ClassLabels == ["a", "c", "b"]
    np.testing.assert_array_equal(chart.NormalizedValues, [[5, 0, 0], [1, 3, 1], [0, 2, 1]])
    sortClasses(chart, "ascending-diagonal")
    assert chart.ClassLabels == ["b", "c", "a"]
    sortClasses(chart, ["c", "b", "a"])
    assert chart.ClassLabels == ["c", "b", "a"]
    sortClasses(chart, "auto")
    assert [t.get_text() for t in chart.axes.get_xticklabels()] == ["a", "b", "c"]


def test_it_is_drawn_into_given_axes_or_a_new_figure():
    axes = pyplot.subplot(1, 2, 1)
    assert confusionchart(TRUE, GUESS, Title="Test $x$", ax=axes).axes is axes
    assert axes.get_title() == "Test $x$"
    assert confusionchart(TRUE, GUESS).axes.figure is not axes.figure
    pyplot.gcf().savefig("chart.png")


WRONG = {
    "sizes": (lambda: confusionchart([1, 2], [1]), r"as many predicted as true classes.*\n.*2 el"),
    "missing": (lambda: confusionchart(TRUE), r"predicted classes are missing"),
    "not square": (lambda: confusionchart(np.ones((2, 3))), r"is square and has counts.*\n.*2 x 3"),
    "parts": (lambda: confusionchart([[0.5, 0.5], [0, 1]]), r"is square and has counts"),
    "names": (lambda: confusionchart(COUNTS, ["a"]), r"each row .* one class.*\n  rows: 3\n.*1"),
    "word": (lambda: confusionchart(TRUE, GUESS, RowSummary="on"), r'no RowSummary.*\n.*\n.*"off"'),
    "property": (lambda: setattr(confusionchart(COUNTS), "Titel", ""), r'Did you mean "Title"'),
    "order": (lambda: sortClasses(confusionchart(COUNTS), "up"), r"this is no order"),
    "class": (lambda: sortClasses(confusionchart(COUNTS), [1, 2]), r"names each class once"),
    "chart": (lambda: sortClasses(3, "auto"), r"first argument is a chart"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_use_is_refused_in_words(case):
    call, text = WRONG[case]
    with pytest.raises(OptionError, match=text):
        call()
