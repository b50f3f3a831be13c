import numpy as np
import pytest

from dltk._errors import OptionError
from dltk._struct import struct
from dltk.monitor._fields import Fields, names_of, pairs


def test_fields_are_attributes_items_and_a_mapping():
    loss = np.ones((2, 2))
    fields = Fields({"Loss": loss})
    assert fields.Loss is loss
    assert fields["Loss"] is loss
    assert dict(fields) == {"Loss": loss}
    assert "Loss" in dir(fields)


def test_a_wrong_field_names_the_near_one():
    with pytest.raises(AttributeError, match=r'no field "Los"[^"]*Did you mean "Loss"'):
        _ = Fields({"Loss": np.ones(1)}).Los


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ("Loss", ("Loss",)),
        (["A", "B_2"], ("A", "B_2")),
        (np.array(["A", "B"]), ("A", "B")),
        ("", ()),
        (None, ()),
        ([], ()),
    ],
)
def test_names_come_as_one_text_or_a_list(given, names):
    assert names_of("trainingProgressMonitor", "Metrics", given) == names


@pytest.mark.parametrize(
    ("given", "proposal"),
    [
        ("Training Loss", '"Training_Loss"'),
        (["Loss", "2ndLoss"], '"x2ndLoss"'),
        ("_hidden", '"x_hidden"'),
        ("Größe", '"Gr_e"'),
        (7, "letters, digits and underscores"),
    ],
)
def test_what_is_no_identifier_is_refused_with_a_proposal(given, proposal):
    with pytest.raises(OptionError, match="Metrics is not a valid identifier") as caught:
        names_of("trainingProgressMonitor", "Metrics", given)
    assert proposal in str(caught.value)


def test_a_name_twice_is_refused():
    with pytest.raises(OptionError, match="names 'A' more than once"):
        names_of("trainingProgressMonitor", "Metrics", ["A", "B", "A"])


@pytest.mark.parametrize(
    ("args", "named"),
    [
        ((), {"A": 1, "B": 2}),
        (("A", 1, "B", 2), {}),
        (({"A": 1, "B": 2},), {}),
        ((struct(A=1, B=2),), {}),
        (("A", 1), {"B": 2}),
    ],
    ids=["keywords", "in turn", "mapping", "struct", "mixed"],
)
def test_all_ways_to_name_values_are_equal(args, named):
    assert pairs("recordMetrics", args, named) == {"A": 1, "B": 2}


@pytest.mark.parametrize("args", [(0.5,), (np.float32(0.5),), ("A",), ("A", 1, "B"), (0.5, 0.25)])
def test_values_without_a_name_are_refused(args):
    with pytest.raises(OptionError, match=r"recordMetrics: a value has no name(.|\n)*Name=value"):
        pairs("recordMetrics", args, {})


def test_a_name_in_both_ways_is_refused():
    with pytest.raises(OptionError, match="'A' is given twice"):
        pairs("recordMetrics", ("A", 1), {"A": 2})
