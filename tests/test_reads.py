"""A compiled function is never stale: whatever it reads may change between calls.

Each case makes a function ``step(i)`` that changes something and then calls dlfeval. Its outputs,
and what it did to the world, must be those of the same calls under `debug.eager`. The table says
whether the function compiles (and how often it is traced in five calls) or runs eagerly (and why).
"""

import collections
import collections.abc
import contextlib
import dataclasses
import enum
import functools
import itertools
import operator
import os
import random
import time
import types
import warnings
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dltk import (
    DifferentiableFunction,
    DltkWarning,
    batchNormalizationLayer,
    debug,
    dlarray,
    dlfeval,
    dlgradient,
    dlnetwork,
    extractdata,
    featureInputLayer,
    forward,
    fullyConnectedLayer,
    functionLayer,
    jaxfunction,
    rand,
    struct,
    sum,
)
from dltk import table as dltk_table
from dltk._random import generator
from dltk.autodiff import programs
from dltk.layers import Layer

CALLS = 5
CASES = {}


def X():
    return dlarray(np.array([[1.0, 2.0], [3.0, 4.0]]))


def case(traces=None, eager=None):
    """Register a case: how often it is traced (vain attempts count), or why it runs eagerly."""

    def register(make):
        assert make.__name__ not in CASES
        CASES[make.__name__] = (make, traces, eager)
        return make

    return register


def seen(value):
    """An output as something that can be compared."""
    if isinstance(value, dlarray):
        return (value.shape, value.dims, value.dtype.name, np.round(extractdata(value), 9).tolist())
    if isinstance(value, (np.ndarray, np.generic, jax.Array)):
        return np.round(np.asarray(value), 9).tolist()
    if isinstance(value, dict):
        return [(key, seen(part)) for key, part in value.items()]
    if isinstance(value, (list, tuple)):
        return [seen(part) for part in value]
    return value


def outputs(make):
    programs.clear()
    generator.seed(0)
    step = make()
    return [seen(step(i)) for i in range(CALLS)]


# Arguments


@case(traces=1)
def values_of_a_dlarray_argument():
    return lambda i: dlfeval(lambda x: sum(x**2, "all"), X() + i)


@case(traces=1)
def a_number_argument():
    def loss(x, rate):
        return x * rate

    return lambda i: dlfeval(loss, X(), 0.5 * i)


@case(traces=1)
def a_whole_number_argument():
    def loss(x, epoch):
        return x / (1 + epoch), epoch, epoch + 1

    return lambda i: dlfeval(loss, X(), i)


@case(traces=1)
def a_numpy_array_argument():
    return lambda i: dlfeval(lambda x, a: x * a, X(), np.full((2, 2), float(i)))


@case(traces=2)
def a_flag_argument():
    def loss(x, training):
        return x if training else -x

    return lambda i: dlfeval(loss, X(), i % 2 == 0)


@case(traces=3)
def a_string_argument():
    def loss(x, kind):
        return {"sum": sum(x, "all"), "double": 2 * x, "none": x}[kind]

    return lambda i: dlfeval(loss, X(), ["sum", "double", "none"][i % 3])


@case(traces=2)
def an_argument_that_may_be_none():
    def loss(x, weight):
        return x if weight is None else x * weight

    return lambda i: dlfeval(loss, X(), None if i % 2 else 3.0)


@case(traces=2)
def arguments_that_change_places():
    def loss(a, b):
        return a if b is True else b

    return lambda i: dlfeval(loss, *((X(), True) if i % 2 else (True, X())))


@case(traces=2)
def a_keyword_argument():
    def loss(x, *, factor=1.0, sign=True):
        return x * factor if sign else -x

    return lambda i: dlfeval(loss, X(), factor=float(i), sign=i < 3)


@case(traces=1)
def entries_of_a_struct_argument():
    def loss(p, x):
        return p.a * x + p.inner.b

    return lambda i: dlfeval(loss, struct(a=float(i), inner=struct(b=dlarray(2.0 * i))), X())


@case(traces=1)
def entries_of_a_list_argument():
    return lambda i: dlfeval(lambda p, x: p[0] * x + p[1], [float(i), 3], X())


@case(traces=2)
def length_of_a_list_argument():
    return lambda i: dlfeval(lambda p, x: x * len(p) + p[-1], [1.0] * (2 + i % 2), X())


@case(traces=2)
def order_of_a_dict_argument():
    def loss(p, x):
        for W in p.values():
            x = W * x + 1
        return x, p

    parts = {"w": 2.0, "b": 3.0}

    def step(i):
        p = dict(reversed(parts.items())) if i % 2 else dict(parts)
        p["w"] += i
        return dlfeval(loss, p, X())

    return step


@case(traces=1)
def a_table_argument():
    def loss(t, x):
        return t["fc", "Weights"] * x

    return lambda i: dlfeval(loss, dltk_table(["fc"], ["Weights"], [dlarray(float(i))]), X())


@jax.tree_util.register_dataclass
@dataclasses.dataclass
class Registered:
    value: object

    def scaled(self):
        return self.value * SCALE


class Pair(NamedTuple):
    first: object
    second: object

    def product(self):
        return self.first * self.second * SCALE


@case(traces=5)
def method_of_a_named_tuple_that_reads_a_global():
    def step(i):
        global SCALE
        SCALE = float(i)
        return dlfeval(lambda p: p.product(), Pair(X(), 2.0))

    return step


@case(traces=2)
def a_function_argument():
    def loss(x, f):
        return f(x)

    return lambda i: dlfeval(loss, X(), (lambda x: -x) if i % 2 else (lambda x: 2 * x))


@case(traces=1)
def an_object_argument():
    box = types.SimpleNamespace(alpha=1.0, W=X())

    def step(i):
        box.alpha += i
        box.W = X() * i
        return dlfeval(lambda b, x: b.alpha * b.W * x, box, X())

    return step


# Closures and defaults


@case(traces=1)
def a_lambda_made_anew_that_captures_data():
    def step(i):
        data, rate = np.full((2, 2), float(i)), 0.1 * i
        return dlfeval(lambda x: x * data + rate, X())

    return step


@case(traces=1)
def a_captured_dlarray():
    def step(i):
        W = X() * i
        return dlfeval(lambda x: x * W, X())

    return step


@case(traces=1)
def a_captured_dlarray_changed_by_subscript():
    W = X()

    def step(i):
        W[0, 0] = float(i)
        return dlfeval(lambda x: x * W, X())

    return step


@case(traces=1)
def a_captured_variable_rebound():
    rate = 0.0

    def loss(x):
        return x * rate

    def step(i):
        nonlocal rate
        rate = float(i)
        return dlfeval(loss, X())

    return step


@case(traces=2)
def a_captured_function_rebound():
    def f(x):
        return x

    def loss(x):
        return f(x)

    def step(i):
        nonlocal f
        if i == 2:
            f = lambda x: 3 * x  # noqa: E731
        return dlfeval(loss, X())

    return step


@case(traces=1)
def what_a_captured_function_captures():
    def made(rate):
        return lambda x: x * rate

    def step(i):
        f = made(float(i))
        return dlfeval(lambda x: f(f(x)), X())

    return step


@case(eager="it changes the variable (count) outside itself")
def a_nonlocal_counter():
    count = 0

    def loss(x):
        nonlocal count
        count += 1
        return x * count

    return lambda i: (dlfeval(loss, X()), count)


@case(traces=1)
def default_values():
    def loss(x, rate=1.0, *, shift=2.0):
        return x * rate + shift

    def step(i):
        loss.__defaults__ = (float(i),)
        loss.__kwdefaults__ = {"shift": 10.0 * i}
        return dlfeval(loss, X())

    return step


@case(eager="a list")
def a_mutable_default():
    def loss(x, history=[]):  # noqa: B006
        history.append(len(history))
        return x * len(history)

    return lambda i: dlfeval(loss, X())


@case(traces=1)
def a_partial():
    def loss(x, a, b):
        return a * x + b

    return lambda i: dlfeval(functools.partial(loss, a=float(i), b=X() * i), X())


@case(traces=1)
def a_partial_captured():
    def step(i):
        f = functools.partial(operator.mul, float(i))
        return dlfeval(lambda x: f(x), X())

    return step


# Globals

SCALE = 1.0
ARRAY = np.ones((2, 2))
WEIGHTS = dlarray(np.ones((2, 2)))
MODE = "plus"
SETTINGS = {"rate": 1.0, "mode": "plus"}
PARAMETERS = struct(fc=struct(W=1.0))
HISTORY = []
COUNT = 0


def read_scale():
    return SCALE


def read_scale_deeper():
    return 2 * read_scale()


def replaced(x):
    return x


def setting(name, value):
    globals()[name] = value


@case(traces=1)
def a_global_number():
    def step(i):
        setting("SCALE", float(i))
        return dlfeval(lambda x: x * SCALE, X())

    return step


@case(traces=1)
def a_global_number_read_by_a_helpers_helper():
    def step(i):
        setting("SCALE", float(i))
        return dlfeval(lambda x: x * read_scale_deeper() + SCALE, X())

    return step


@case(traces=1)
def a_global_numpy_array_rebound():
    def step(i):
        setting("ARRAY", np.full((2, 2), float(i)))
        return dlfeval(lambda x: x * ARRAY, X())

    return step


@case(traces=1)
def a_global_numpy_array_changed_in_place():
    setting("ARRAY", np.ones((2, 2)))

    def step(i):
        ARRAY[0, 1] = i
        return dlfeval(lambda x: x * ARRAY, X())

    return step


@case(traces=1)
def a_global_dlarray():
    def step(i):
        setting("WEIGHTS", X() * i)
        return dlfeval(lambda x: x * WEIGHTS, X())

    return step


@case(traces=2)
def a_global_string():
    def step(i):
        setting("MODE", "plus" if i % 2 else "minus")
        return dlfeval(lambda x: x + 1 if MODE == "plus" else x - 1, X())

    return step


@case(traces=2)
def a_global_function_rebound():
    def step(i):
        setting("replaced", (lambda x: x) if i % 2 else (lambda x: -x))
        return dlfeval(lambda x: replaced(x), X())

    return step


@case(traces=2)
def a_global_that_appears():
    globals().pop("LATE", None)

    def loss(x):
        try:
            return x * LATE
        except NameError:
            return x

    def step(i):
        if i >= 2:
            setting("LATE", float(i))
        return dlfeval(loss, X())

    return step


@case(traces=2)
def entries_of_a_global_dict():
    def step(i):
        SETTINGS.update(rate=float(i), mode="plus" if i < 3 else "minus")
        return dlfeval(lambda x: x + SETTINGS["rate"] * (SETTINGS["mode"] == "plus"), X())

    return step


@case(traces=1)
def entries_of_a_global_struct():
    def step(i):
        PARAMETERS.fc.W = float(i)
        return dlfeval(lambda x: x * PARAMETERS.fc.W, X())

    return step


@case(eager="the global COUNT")
def a_global_counter():
    setting("COUNT", 0)

    def loss(x):
        global COUNT
        COUNT += 1
        return x * COUNT

    return lambda i: (dlfeval(loss, X()), COUNT)


@case(eager="it changes a list (HISTORY) outside itself")
def appending_to_a_global_list():
    HISTORY.clear()

    def loss(x):
        HISTORY.append(1.0)
        return x

    return lambda i: (dlfeval(loss, X()), list(HISTORY))


@case(eager="a list")
def losses_kept_in_a_list():
    kept = []

    def loss(x):
        y = sum(x, "all")
        kept.append(y)
        return y

    return lambda i: (dlfeval(loss, X() * i), [y.item() for y in kept])


@case(eager="a dict")
def writing_to_a_captured_dict():
    log = {}

    def loss(x):
        log["calls"] = log.get("calls", 0) + 1
        return x

    return lambda i: (dlfeval(loss, X()), dict(log))


@case(eager="a set")
def adding_to_a_captured_set():
    met = set()

    def loss(x):
        met.add(len(met))
        return x

    return lambda i: (dlfeval(loss, X()), sorted(met))


@case(eager="an attribute of loss")
def a_counter_on_the_function():
    def loss(x):
        loss.calls += 1
        return x * loss.calls

    loss.calls = 0
    return lambda i: (dlfeval(loss, X()), loss.calls)


@case(traces=1)
def an_attribute_of_a_function():
    def scaled(x):
        return x * scaled.rate

    def step(i):
        scaled.rate = float(i)
        return dlfeval(scaled, X())

    return step


# NumPy arrays in place


@case(eager="a NumPy array in place")
def a_captured_array_added_to_in_place():
    buffer = np.zeros((2, 2))

    def loss(x):
        b = buffer
        b += 1
        return x * b

    return lambda i: (dlfeval(loss, X()), buffer.tolist())


@case(eager="a NumPy array in place")
def a_view_of_a_captured_array_changed_in_place():
    buffer = np.zeros((2, 2))

    def loss(x):
        row = buffer[0]
        row -= 1
        return x * buffer

    return lambda i: (dlfeval(loss, X()), buffer.tolist())


@case(traces=1)
def in_place_operators_that_change_nothing_outside():
    data = np.ones((2, 2))

    def loss(x):
        total = 0
        total += x * data
        total *= 2
        return total

    def step(i):
        data[:] = i
        return dlfeval(loss, X())

    return step


@case(traces=1)
def an_array_argument_added_to_in_place_belongs_to_the_function():
    buffer = np.zeros((2, 2))

    def loss(x, b):
        b += 1
        return x * b

    return lambda i: (dlfeval(loss, X(), buffer), buffer.tolist())


@case(eager="it cannot be compiled (TypeError")
def writing_into_a_captured_array():
    buffer = np.zeros(CALLS)

    def loss(x):
        buffer[0] = buffer[0] + 1
        return x * buffer[0]

    return lambda i: (dlfeval(loss, X()), buffer.tolist())


# Objects and classes


class Model:
    scale = 1.0
    table = {"rate": 1.0}  # noqa: RUF012
    instances = []  # noqa: RUF012

    def __init__(self):
        self.alpha = 1.0
        self.W = X()
        self.step = 0
        self.queue = iter(range(3))  # cannot be followed, but is not read either

    def __call__(self, x):
        return self.alpha * x

    def loss(self, x):
        return self.weighted(x) + self.half

    def weighted(self, x):
        return self.W * x * self.alpha

    @property
    def half(self):
        return self.alpha / 2

    @functools.cached_property
    def double(self):
        return self.alpha * 2

    @staticmethod
    def plus(x):
        return x + SCALE

    @classmethod
    def times(cls, x):
        return x * cls.scale

    def counted(self, x):
        self.step += 1
        return x * self.step

    def registered(self, x):
        self.instances.append(1)
        return x * len(self.instances)

    def shared_count(self, x):
        type(self).scale += 1
        return x * self.scale

    def show(self, x):
        print("show")
        return x

    def writes_global(self, x):
        global COUNT
        COUNT += 1
        return x * COUNT


@case(traces=1)
def attributes_read_by_a_bound_method():
    model = Model()

    def step(i):
        model.alpha, model.W = float(i), X() * i
        return dlfeval(model.loss, X())

    return step


@case(traces=1)
def attributes_of_a_captured_object():
    model = Model()

    def step(i):
        model.alpha = float(i)
        return dlfeval(lambda x: model.loss(x) + model.half, X())

    return step


@case(traces=1)
def an_object_that_is_called():
    model = Model()

    def step(i):
        model.alpha = float(i)
        return dlfeval(model, X())

    return step


@case(traces=1)
def an_attribute_found_by_getattr():
    model = types.SimpleNamespace(alpha=0.0, beta=1.0)

    def loss(x, name):
        return x * getattr(model, name)

    def step(i):
        model.alpha = float(i)
        return dlfeval(loss, X(), "al" + "pha")

    return step


@case(traces=5)
def a_class_attribute():
    def step(i):
        Model.scale = float(i)
        return dlfeval(lambda x: x * Model.scale, X())

    return step


@case(traces=5)
def a_class_attribute_read_by_a_classmethod():
    def step(i):
        Model.scale = float(i)
        return dlfeval(Model.times, X())

    return step


@case(traces=5)
def a_global_read_by_a_static_method():
    def step(i):
        setting("SCALE", float(i))
        return dlfeval(lambda x: Model.plus(x), X())

    return step


@case(traces=5)
def an_entry_of_a_dict_on_a_class():
    model = Model()

    def step(i):
        Model.table["rate"] = float(i)
        return dlfeval(lambda x: x * model.table["rate"], X())

    return step


@case(traces=2)
def a_method_replaced_on_the_class():
    class Local:
        def f(self, x):
            return x

    local = Local()

    def step(i):
        if i == 3:
            Local.f = lambda self, x: -x
        return dlfeval(lambda x: local.f(x), X())

    return step


@case(traces=2)
def a_method_of_a_base_class_replaced():
    class Base:
        def f(self, x):
            return x

    class Derived(Base):
        pass

    local = Derived()

    def step(i):
        if i == 3:
            Base.f = lambda self, x: 3 * x
        return dlfeval(lambda x: local.f(x), X())

    return step


@case(eager="an object of type Model")
def a_counter_in_an_object():
    model = Model()
    return lambda i: (dlfeval(model.counted, X()), model.step)


@case(eager="an object of type Model")
def a_cached_property():
    model = Model()

    def step(i):
        if i == 2:
            del model.double
            model.alpha = 5.0
        return dlfeval(lambda x: x * model.double, X())

    return step


@case(eager="a list")
def appending_to_a_list_on_a_class():
    Model.instances = []
    model = Model()
    return lambda i: (dlfeval(lambda x: model.registered(x), X()), list(Model.instances))


@case(eager="the class Model")
def a_counter_on_a_class():
    Model.scale = 0.0
    model = Model()
    return lambda i: (dlfeval(lambda x: model.shared_count(x), X()), Model.scale)


@case(eager="a global")
def a_global_written_by_a_method():
    setting("COUNT", 0)
    model = Model()
    return lambda i: (dlfeval(lambda x: model.writes_global(x), X()), COUNT)


@case(eager="print")
def printing_in_a_method():
    model = Model()

    def step(i):
        text = []
        with printed_to(text):
            y = dlfeval(lambda x: model.show(x), X())
        return y, text

    return step


@case(traces=5)
def a_method_that_a_library_calls():
    class Local(collections.abc.MutableSequence):
        def __len__(self):
            return 1

        def __getitem__(self, k):
            if k > 0:
                raise IndexError
            return SCALE

        def __setitem__(self, k, v):
            raise IndexError

        def __delitem__(self, k):
            raise IndexError

        def insert(self, k, v):
            self.last = v

    local = Local()

    def step(i):
        setting("SCALE", float(i))
        return dlfeval(lambda x: x * local.count(1.0) + local[0], X())

    return step


@case(traces=1)
def a_dataclass():
    @dataclasses.dataclass
    class Options:
        rate: float = 1.0
        shift: float = 0.0

        def apply(self, x):
            return self.rate * x + self.shift

    options = Options()

    def step(i):
        options.rate = float(i)
        return dlfeval(lambda x: options.apply(x) + Options(2.0).shift, X())

    return step


@case(traces=2)
def a_frozen_dataclass():
    @dataclasses.dataclass(frozen=True)
    class Options:
        rate: float = 1.0
        mode: str = "plus"

    def step(i):
        options = Options(float(i), "plus" if i < 2 else "minus")
        return dlfeval(lambda x: x * options.rate * (1 if options.mode == "plus" else -1), X())

    return step


class Kind(enum.Enum):
    PLUS = 1
    MINUS = 2

    def sign(self):
        return SCALE if self is Kind.PLUS else -1.0


@case(traces=2)
def a_member_of_an_enum():
    setting("SCALE", 2.0)

    def step(i):
        kind = Kind.PLUS if i % 2 else Kind.MINUS
        return dlfeval(lambda x: x * kind.sign(), X())

    return step


@case(traces=3)
def a_global_read_by_a_method_of_an_enum():
    def step(i):
        setting("SCALE", float(i // 2))
        return dlfeval(lambda x: x * Kind.PLUS.sign(), X())

    return step


class Point:
    __match_args__ = ("alpha", "beta")

    def __init__(self):
        self.alpha, self.beta = 1.0, 2.0


@case(traces=1)
def attributes_read_by_a_pattern():
    point = Point()

    def loss(x):
        match point:
            case Point(a, b):
                return x * a + b
        return x

    def step(i):
        point.alpha, point.beta = float(i), 2.0 * i
        return dlfeval(loss, X())

    return step


@case(traces=1)
def attributes_named_in_a_pattern():
    point = types.SimpleNamespace(alpha=1.0)

    def loss(x):
        match point:
            case types.SimpleNamespace(alpha=a):
                return x * a
        return x

    def step(i):
        point.alpha = float(i)
        return dlfeval(loss, X())

    return step


@case(traces=1)
def an_assertion_about_sizes():
    def loss(x):
        assert x.shape == (2, 2), "two by two"
        return x * 2

    return lambda i: dlfeval(loss, X() * i)


class Slotted:
    __slots__ = ("rate",)


@case(eager="Slotted")
def an_object_with_slots():
    slotted = Slotted()

    def step(i):
        slotted.rate = float(i)
        return dlfeval(lambda x: x * slotted.rate, X())

    return step


@case(traces=1)
def an_inherited_object_with_super():
    class Base:
        def f(self, x):
            return x * self.rate

    class Derived(Base):
        def f(self, x):
            return super().f(x) + 1

    made = Derived()

    def step(i):
        made.rate = float(i)
        return dlfeval(made.f, X())

    return step


@case(eager="Counted")
def a_decorator_that_counts():
    class Counted:
        def __init__(self, f):
            functools.update_wrapper(self, f)
            self.f, self.n = f, 0

        def __call__(self, x):
            self.n += 1
            return self.f(x) * self.n

    @Counted
    def loss(x):
        return x + 1

    return lambda i: (dlfeval(loss, X()), loss.n)


@case(traces=1)
def a_decorator_with_wraps():
    rate = 1.0

    def scaled(f):
        @functools.wraps(f)
        def wrapper(*args):
            return f(*args) * rate

        return wrapper

    @scaled
    def loss(x):
        return x + 1

    def step(i):
        nonlocal rate
        rate = float(i)
        return dlfeval(loss, X())

    return step


# Modules


def made_module(code="rate = 1.0\ndef apply(x):\n    return x * rate\n"):
    module = types.ModuleType("settings_of_the_user")
    exec(compile(code, "settings_of_the_user.py", "exec"), module.__dict__)
    module.__file__ = "/home/user/settings_of_the_user.py"
    return module


SETTINGS_MODULE = made_module()


@case(traces=1)
def an_attribute_of_the_users_module():
    def step(i):
        SETTINGS_MODULE.rate = float(i)
        return dlfeval(lambda x: x * SETTINGS_MODULE.rate, X())

    return step


@case(traces=1)
def a_global_of_the_users_module_read_there():
    def step(i):
        SETTINGS_MODULE.rate = float(i)
        return dlfeval(lambda x: SETTINGS_MODULE.apply(x), X())

    return step


@case(traces=1)
def a_module_given_to_a_helper():
    def helper(module, x):
        return module.rate * x

    def step(i):
        SETTINGS_MODULE.rate = float(i)
        return dlfeval(lambda x: helper(SETTINGS_MODULE, x), X())

    return step


@case(eager="the module settings_of_the_user")
def writing_to_a_module():
    SETTINGS_MODULE.count = 0

    def loss(x):
        SETTINGS_MODULE.count += 1
        return x

    return lambda i: (dlfeval(loss, X()), SETTINGS_MODULE.count)


@case(traces=3)
def a_function_edited():
    def step(i):
        space = {}
        exec(f"def loss(x):\n    return x * {i % 3}\n", space)
        return dlfeval(space["loss"], X())

    return step


@case(traces=2)
def a_helper_edited():
    module = made_module()

    def step(i):
        if i == 2:
            exec("def apply(x):\n    return -x\n", module.__dict__)
        return dlfeval(lambda x: module.apply(x), X())

    return step


# The world outside


@contextlib.contextmanager
def printed_to(lines):
    import io

    stream = io.StringIO()
    with contextlib.redirect_stdout(stream):
        yield
    lines.extend(stream.getvalue().splitlines())


@case(eager="print")
def printing():
    def loss(x):
        print("called")
        return x

    def step(i):
        lines = []
        with printed_to(lines):
            y = dlfeval(loss, X())
        return y, lines

    return step


@case(eager="it uses time")
def the_clock():
    def loss(x):
        return x * (time.time() > 0), time.time()

    times = []

    def step(i):
        y, t = dlfeval(loss, X())
        times.append(t)
        return y, sorted(set(times)) == times

    return step


@case(eager="random")
def pythons_random_numbers():
    random.seed(3)
    return lambda i: dlfeval(lambda x: x * random.random(), X())


@case(eager="random")
def a_random_function_imported_by_name():
    random.seed(3)
    draw = random.random
    return lambda i: dlfeval(lambda x: x * draw(), X())


@case(eager="numpy.random")
def numpys_random_numbers():
    np.random.seed(3)  # noqa: NPY002
    return lambda i: dlfeval(lambda x: x * np.random.rand(), X())  # noqa: NPY002


@case(eager="RandomState")
def numpys_random_function_imported_by_name():
    np.random.seed(3)  # noqa: NPY002
    draw = np.random.rand
    return lambda i: dlfeval(lambda x: x * draw(), X())


@case(eager="Generator")
def numpys_generator():
    source = np.random.default_rng(3)
    return lambda i: dlfeval(lambda x: x * source.random(), X())


@case(eager="it uses os")
def an_environment_variable():
    def step(i):
        os.environ["DLTK_TEST_RATE"] = str(i)
        return dlfeval(lambda x: x * float(os.environ["DLTK_TEST_RATE"]), X())

    return step


@case(traces=1)
def printing_that_is_switched_off():
    def loss(x, verbose=False):
        if verbose:
            print("called")
        return x * next(iter([2.0, 3.0]))

    return lambda i: dlfeval(loss, X() * i)


@case(traces=1)
def printing_that_is_switched_off_in_an_object():
    class Local:
        verbose = False

        def f(self, x):
            if self.verbose:
                print("called")
            return x

    local = Local()
    return lambda i: dlfeval(lambda x: local.f(x), X() * i)


@case(eager="it uses print")
def printing_that_is_switched_on():
    class Local:
        verbose = False

        def f(self, x):
            if self.verbose:
                print("called")
            return x

    local = Local()

    def step(i):
        local.verbose = i % 2 == 1
        lines = []
        with printed_to(lines):
            y = dlfeval(lambda x: local.f(x), X() * i)
        return y, lines

    return step


@case(eager="a try statement hides that it uses print")
def printing_where_errors_are_caught():
    def loss(x):
        try:
            print("called")
        except Exception:
            return x * 2
        return x

    def step(i):
        lines = []
        with printed_to(lines):
            y = dlfeval(loss, X() * i)
        return y, lines

    return step


@case(eager="time")
def a_module_imported_inside():
    def loss(x):
        import time

        return x * (time.perf_counter() > 0)

    return lambda i: dlfeval(loss, X())


@case(eager="generator")
def a_generator():
    source = (float(n) for n in itertools.count())

    def loss(x):
        for n in source:
            return x * n
        return x

    return lambda i: dlfeval(loss, X())


@case(eager="range_iterator")
def an_iterator():
    source = iter(range(100))
    return lambda i: dlfeval(lambda x: x * next(source), X())


@case(eager="an object of type Numbers")
def an_iterator_of_the_users():
    class Numbers:
        n = 0

        def __iter__(self):
            return self

        def __next__(self):
            self.n += 1
            return float(self.n)

    source = Numbers()

    def loss(x):
        for n in source:
            return x * n
        return x

    return lambda i: dlfeval(loss, X())


@case(eager="deque")
def a_deque():
    queue = collections.deque([1.0], maxlen=3)

    def step(i):
        queue.append(float(i))
        return dlfeval(lambda x: x * queue[-1], X())

    return step


@case(eager="append")
def a_captured_append():
    kept = []
    append = kept.append

    def loss(x):
        append(1)
        return x

    return lambda i: (dlfeval(loss, X()), len(kept))


@case(eager="_lru_cache_wrapper")
def a_function_that_remembers():
    calls = []

    @functools.lru_cache
    def remembered(n):
        calls.append(n)
        return n * 2.0

    return lambda i: (dlfeval(lambda x: x * remembered(i // 2), X()), len(calls))


# Containers


@case(traces=1)
def a_defaultdict():
    rates = collections.defaultdict(float)

    def step(i):
        rates["a"] = float(i)
        return dlfeval(lambda x: x * rates["a"], X())

    return step


@case(traces=1)
def the_factory_of_a_defaultdict():
    def step(i):
        rates = {"rates": collections.defaultdict(lambda: 2.0 * i, a=1.0)}
        made = rates["rates"].default_factory
        return dlfeval(lambda x: x * made() + rates["rates"]["a"], X())

    return step


@case(eager="a dict")
def a_defaultdict_that_is_filled():
    counts = collections.defaultdict(int)

    def loss(x):
        counts["calls"] += 1
        return x * counts["calls"]

    return lambda i: (dlfeval(loss, X()), dict(counts))


@case(traces=2)
def an_ordered_dict():
    rates = collections.OrderedDict(a=1.0, b=2.0)

    def loss(x):
        for rate in rates.values():
            x = x * rate + 1
        return x

    def step(i):
        rates["a"] = float(i)
        if i == 3:
            rates.move_to_end("a")
        return dlfeval(loss, X())

    return step


@case(traces=1)
def a_list_in_a_tuple_in_a_dict():
    nested = {"a": ([1.0, 2.0], "text")}

    def step(i):
        nested["a"][0][1] = float(i)
        return dlfeval(lambda x: x * nested["a"][0][1], X())

    return step


@case(traces=2)
def a_set():
    wanted = {"bias"}

    def step(i):
        if i == 2:
            wanted.add("scale")
        return dlfeval(lambda x: x * 2 if "scale" in wanted else x, X())

    return step


@case(traces=2)
def keys_that_python_takes_for_equal():
    def loss(x, d):
        return x * d[1] if isinstance(next_key(d), bool) else -x * d[1]

    def next_key(d):
        return list(d)[0]  # noqa: RUF015

    return lambda i: dlfeval(loss, X(), {True: 2.0} if i % 2 else {1: 2.0})


@case(traces=1)
def a_container_that_holds_itself():
    ring = {"rate": 1.0}
    ring["self"] = ring

    def step(i):
        ring["rate"] = float(i)
        return dlfeval(lambda x: x * ring["self"]["self"]["rate"], X())

    return step


# JAX and libraries


@case(traces=1)
def a_jitted_helper_of_the_users():
    helper = jax.jit(lambda a, b: a * b)

    def step(i):
        data = np.full((2, 2), float(i))
        return dlfeval(lambda x: x * np.float64(1) * helper(data, 2.0), X())

    return step


@case(traces=1)
def a_vmapped_lambda_made_anew():
    def step(i):
        rows = np.full((2, 2), float(i))
        return dlfeval(lambda x: x * jax.vmap(lambda row: row * 2)(rows), X())

    return step


LIFTED = jaxfunction(lambda a: a * SCALE)


@case(traces=1)
def a_global_read_by_a_lifted_function():
    def step(i):
        setting("SCALE", float(i))
        return dlfeval(lambda x: LIFTED(x) * 2, X())

    return step


@case(traces=1)
def data_captured_by_a_function_lifted_inside():
    def step(i):
        data = np.full((2, 2), float(i))
        lifted = jaxfunction(lambda a: a * data)
        return dlfeval(lambda x: lifted(x), X())

    return step


class Scaled(DifferentiableFunction):
    def __init__(self):
        super().__init__(1)
        self.rate = 1.0

    def forward(self, x):
        return x * self.rate * SCALE

    def backward(self, dy, wanted, *saved):
        return dy * self.rate * SCALE


@case(traces=3)
def a_differentiable_function_of_the_users():
    scaled = Scaled()

    def loss(x):
        y = sum(scaled(x), "all")
        return y, dlgradient(y, x)

    def step(i):
        setting("SCALE", 2.0 + i // 2)
        scaled.rate = float(i)
        return dlfeval(loss, X())

    return step


@case(traces=2)
def a_library_function_rebound():
    def step(i):
        f = jnp.sin if i % 2 else jnp.cos
        return dlfeval(lambda x: x * f(2.0), X())

    return step


@case(traces=5)
def a_number_that_is_a_size():
    def step(i):
        n = 2 + i % 3
        return dlfeval(lambda x: x[0, 0] * np.ones((n, 1)), X())

    return step


@case(traces=3)
def a_size_beside_a_counter():
    """The size makes numbers part of the key; the counter, once it changes, is an input again."""
    n = 3

    def step(i):
        return dlfeval(lambda x: x[0, 0] * np.ones((n, 1)) + i, X())

    return step


@case(traces=7)
def a_number_that_steers_a_branch():
    def loss(x, epoch):
        return x * 2 if epoch > 2 else x

    return lambda i: dlfeval(loss, X(), i)


@case(traces=1)
def powers_of_whole_numbers():
    def loss(x, n):
        return x * 10**-n + 2**n + (-1) ** n

    return lambda i: dlfeval(loss, X(), i)


@case(traces=1)
def a_very_large_number():
    large = 2**70
    return lambda i: dlfeval(lambda x: x * float(large), X())


@case(traces=7)
def a_text_made_of_a_number():
    def loss(x, n):
        return {f"loss{n}": x}, f"call {n}"

    return lambda i: dlfeval(loss, X(), i)


@case(traces=1)
def the_type_of_a_number():
    def loss(x, n):
        return x * n if isinstance(n, float) and type(n) is float else x

    return lambda i: dlfeval(loss, X(), float(i))


@case(traces=1)
def the_type_of_an_array():
    def loss(x, a):
        return x * a if isinstance(a, np.ndarray) else x

    return lambda i: dlfeval(loss, X(), np.full((2, 2), float(i)))


@case(traces=2)
def the_type_of_an_array_that_changes():
    def loss(x, a):
        return x * 2 if isinstance(a, np.ndarray) else x * a

    def step(i):
        a = np.full((2, 2), 3.0, np.float32)
        return dlfeval(loss, X(), jnp.asarray(a) if i % 2 else a)

    return step


@case(traces=1)
def the_type_of_extracted_data():
    def loss(x):
        return x * (2 if isinstance(extractdata(x), np.ndarray) else 3)

    return lambda i: dlfeval(loss, X() * i)


@case(eager="type of a value computed")
def the_type_of_a_computed_array():
    def loss(x):
        return x * (2 if isinstance(extractdata(x * 2), np.ndarray) else 3)

    return lambda i: dlfeval(loss, X() * i)


@case(traces=7)
def zero_and_minus_zero():
    def loss(x, n):
        return x * np.copysign(1.0, n)

    return lambda i: dlfeval(loss, X(), [0.0, -0.0, 1.0, float("nan"), -1.0][i])


@case(eager="a try statement hides")
def an_error_that_is_caught():
    def loss(x):
        try:
            return x * float(x[0, 0])
        except Exception:
            return x

    return lambda i: dlfeval(loss, X() * i)


@case(eager="a try statement hides")
def an_error_that_is_suppressed():
    def loss(x):
        with contextlib.suppress(Exception):
            if x[0, 0] > 1:
                return x * 2
        return x

    return lambda i: dlfeval(loss, X() * i)


@case(traces=1)
def an_error_of_the_users_own_that_is_caught():
    def loss(x, p):
        try:
            return x * p["missing"]
        except KeyError:
            return x * p["here"]

    return lambda i: dlfeval(loss, X(), {"here": float(i)})


@case(traces=5)
def a_thing_read_by_a_class_and_by_the_function():
    class Local:
        def f(self, x):
            return x * read_scale() * PARAMETERS.fc.W

    local = Local()

    def step(i):
        setting("SCALE", float(i))
        PARAMETERS.fc.W = 2.0 * i
        return dlfeval(lambda x: local.f(x) * read_scale() + PARAMETERS.fc.W, X())

    return step


@case(traces=5)
def a_thing_read_by_the_function_and_by_a_class():
    class Local:
        def f(self, x):
            return x * read_scale() * PARAMETERS.fc.W

    local = Local()

    def step(i):
        setting("SCALE", float(i))
        PARAMETERS.fc.W = 2.0 * i
        return dlfeval(lambda x: read_scale() * PARAMETERS.fc.W * local.f(x), X())

    return step


@case(eager="WeakKeyDictionary")
def a_generic_function():
    @functools.singledispatch
    def generic(kind, x):
        return x

    @generic.register
    def _(kind: str, x):
        return x * SCALE

    def step(i):
        setting("SCALE", float(i))
        return dlfeval(lambda x: generic("a", x), X())

    return step


@case(traces=5)
def a_registered_tree_with_a_method():
    def step(i):
        setting("SCALE", float(i))
        return dlfeval(lambda p: p.scaled(), Registered(X()))

    return step


@case(traces=5)
def two_counters_one_of_which_steers():
    def loss(x, epoch, iteration):
        return x * 2 + iteration if epoch > 2 else x / iteration

    return lambda i: dlfeval(loss, X(), i // 3, i + 1)


# Networks


class OwnLayer(Layer):
    """A layer of the user's that reads, prints and keeps things."""

    verbose = False
    keeping = False

    def predict(self, x):
        if self.verbose:
            print("predict")
        if self.keeping:
            HISTORY.append(x)
        return x * SCALE


def own_network(**attributes):
    layer = OwnLayer()
    layer.__dict__.update(attributes)
    return dlnetwork([featureInputLayer(2, Normalization="none"), layer])


def data(i):
    return dlarray(np.full((2, 3), float(i), np.float32), "CB")


@case(traces=5)
def a_global_read_by_a_layer_of_the_users():
    net = own_network()

    def step(i):
        setting("SCALE", float(i))
        return dlfeval(lambda net, x: forward(net, x), net, data(1))

    return step


@case(eager="print")
def a_layer_that_prints():
    net = own_network(verbose=True)

    def step(i):
        lines = []
        with printed_to(lines):
            y = dlfeval(lambda net, x: forward(net, x), net, data(i))
        return y, lines

    return step


@case(eager="print")
def a_captured_network_with_a_layer_that_prints():
    net = own_network(verbose=True)

    def step(i):
        lines = []
        with printed_to(lines):
            y = dlfeval(lambda x: forward(net, x), data(i))
        return y, lines

    return step


@case(traces=5)
def a_function_layer_of_a_network_made_anew():
    def step(i):
        factor = 2.0 + i % 2
        layers = [featureInputLayer(2, Normalization="none"), functionLayer(lambda x: x * factor)]
        net = dlnetwork(layers)
        return dlfeval(lambda net, x: forward(net, x), net, data(i))

    return step


@case(traces=1)
def learnables_changed_in_their_table():
    net = dlnetwork([featureInputLayer(2, Normalization="none"), fullyConnectedLayer(1)])

    def step(i):
        net.Learnables["fc", "Weights"] = dlarray(np.full((1, 2), float(i), np.float32))
        return dlfeval(lambda x: forward(net, x), data(1))

    return step


@case(eager="a dlnetwork (net)")
def a_captured_network_whose_state_is_set_inside():
    net = dlnetwork([featureInputLayer(2, Normalization="none"), batchNormalizationLayer()])

    def loss(x):
        y, net.State = forward(net, x, nargout=2)
        return y

    return lambda i: (dlfeval(loss, data(i)), net.State.Value)


# Outputs


@case(traces=1)
def outputs_of_all_kinds():
    def loss(x, n):
        return struct(b=x, a=n), {"z": "text", "a": None, "m": True}, [x.shape, n, 2.5], np.ones(2)

    def step(i):
        s, *rest = dlfeval(loss, X(), i)
        return list(s), s.b, s.a, *rest

    return step


@case(eager="SimpleNamespace")
def an_object_as_output():
    def loss(x):
        return types.SimpleNamespace(y=x * 2)

    return lambda i: dlfeval(loss, X() * i).y


@case(eager="function")
def a_function_as_output():
    return lambda i: dlfeval(lambda x: lambda y: x * y, X() * i)(3.0)


@case(traces=1)
def gradients_of_captured_and_global_things():
    def step(i):
        setting("SCALE", float(i))
        data = np.full((2, 2), float(i))

        def loss(x):
            y = sum(SCALE * x**2 * data, "all")
            return y, dlgradient(y, x)

        return dlfeval(loss, X())

    return step


@case(traces=1)
def dltks_random_numbers():
    return lambda i: dlfeval(lambda x: x * rand(2, 2), X())


@pytest.mark.parametrize("name", CASES)
def test_compiled_and_eager_agree_over_changes(name):
    make, traces, eager = CASES[name]
    with debug.eager():
        expected = outputs(make)
    before = programs.traces
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = outputs(make)
    assert found == expected
    told = [str(w.message) for w in caught if issubclass(w.category, DltkWarning)]
    if eager is None:
        assert not told
        assert programs.traces - before == traces
    else:
        assert len(told) == 1
        assert eager in told[0].splitlines()[0]


def test_the_table_is_long():
    assert len(CASES) >= 80
