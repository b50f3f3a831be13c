"""The arguments of MATLAB's deep-learning functions: names, order, defaults, and what they do.

The table is MATLAB's reference: every argument with its default. What each argument does is tested
where its function is; here stands what those tests leave out.
"""

import ast
import inspect
import pathlib

import jax
import numpy as np
import pytest

import dltk
from dltk._errors import FormatError
from dltk.dlarray import dlarray, extractdata

RANDOM = np.random.default_rng(12)

# positional arguments; name-value arguments with their defaults (None: what the page says in words)
LOSS = {
    "Mask": None,
    "Reduction": "sum",
    "NormalizationFactor": "batch-size",
    "DataFormat": None,
    "WeightsFormat": None,
}
NORM = {"DataFormat": None, "Epsilon": 1e-5}
POOL = {"DataFormat": None, "PoolFormat": None, "Stride": 1, "Padding": 0}
CONV = {"DataFormat": None, "WeightsFormat": None, "Stride": 1, "DilationFactor": 1}
GATES = {"StateActivationFunction": "tanh", "GateActivationFunction": "sigmoid"}
FRAMES = {"Window": None, "OverlapLength": None, "FFTLength": None, "DataFormat": None}
SCALES = {"NumScales": None, "ScaleWeights": None, "Sigma": 1.5, "DynamicRange": 1}
MATLAB = {
    "dlconv": ("X weights bias", {**CONV, "Padding": 0, "PaddingValue": 0}),
    "dltranspconv": ("X weights bias", {**CONV, "Cropping": 0}),
    "avgpool": ("X poolsize", {**POOL, "PaddingValue": 0}),
    "maxpool": ("X poolsize", POOL),
    "maxunpool": ("X indx outputSize", {"DataFormat": None}),
    "fullyconnect": ("X weights bias dim", {"DataFormat": None}),
    "embed": ("X weights", {"DataFormat": None, "WeightsFormat": None}),
    "lstm": ("X H0 C0 weights recurrentWeights bias", {"DataFormat": None, **GATES}),
    "gru": (
        "X H0 weights recurrentWeights bias",
        {"DataFormat": None, "ResetGateMode": "after-multiplication", **GATES},
    ),
    "attention": (
        "queries keys values numHeads",
        {
            "DataFormat": None,
            "Scale": "auto",
            "PaddingMask": None,
            "AttentionMask": "none",
            "DropoutProbability": 0,
        },
    ),
    "batchnorm": (
        "X offset scaleFactor mu sigmaSq",
        {**NORM, "MeanDecay": 0.1, "VarianceDecay": 0.1},
    ),
    "layernorm": ("X offset scaleFactor", {**NORM, "OperationDimension": "auto"}),
    "groupnorm": ("X numGroups offset scaleFactor", NORM),
    "instancenorm": ("X offset scaleFactor", NORM),
    "crosschannelnorm": (
        "X windowSize",
        {"DataFormat": None, "Alpha": 1e-4, "Beta": 0.75, "K": 2},
    ),
    "relu": ("X", {}),
    "leakyrelu": ("X scaleFactor", {}),
    "sigmoid": ("X", {}),
    "gelu": ("X", {"Approximation": "none"}),
    "softmax": ("X", {"DataFormat": None}),
    "crossentropy": (
        "Y targets weights",
        {**LOSS, "ClassificationMode": None, "TargetCategories": None},
    ),
    "indexcrossentropy": ("Y targets weights", {**LOSS, "MaskIndex": None}),
    "huber": ("Y targets weights", {**LOSS, "TransitionPoint": 1}),
    "l1loss": ("Y targets weights", LOSS),
    "l2loss": ("Y targets weights", LOSS),
    "mse": ("Y targets", {"DataFormat": None}),
    "ctc": ("Y targets YMask targetsMask", {"DataFormat": None, "BlankIndex": "first"}),
    "generalizedDice": ("X target", {"DataFormat": None}),
    "focalCrossEntropy": (
        "Y targets",
        {
            "Gamma": 2,
            "Alpha": 0.25,
            "ClassificationMode": None,
            "TargetCategories": None,
            "Reduction": "sum",
            "DataFormat": None,
        },
    ),
    "dlstft": ("x fs", {**FRAMES, "FrequencyRange": "onesided"}),
    "dlistft": ("y", {**FRAMES, "Method": "wola", "FrequencyRange": "onesided"}),
    "dlresize": (
        "X",
        {
            "Scale": None,
            "OutputSize": None,
            "Method": "nearest",
            "GeometricTransformMode": "half-pixel",
            "NearestRoundingMode": "round",
            "DataFormat": None,
        },
    ),
    "psnr": ("A ref peakval", {"DataFormat": None}),
    "ssim": (
        "A ref",
        {
            "DynamicRange": 1,
            "Exponents": (1, 1, 1),
            "Radius": 1.5,
            "RegularizationConstants": None,
            "DataFormat": None,
        },
    ),
    "multissim": ("I Iref", {**SCALES, "DataFormat": None}),
    "multissim3": ("V Vref", {**SCALES, "DataFormat": None}),
    "padsequences": (
        "X paddingDim",
        {"Length": "longest", "Direction": "right", "PaddingValue": 0, "UniformOutput": True},
    ),
    "onehotencode": ("A featureDim typename", {"ClassNames": None}),
    "onehotdecode": ("B classes featureDim typename", {}),
}


@pytest.mark.parametrize("name", MATLAB)
def test_arguments_have_matlabs_names_order_and_defaults(name):
    positional, options = MATLAB[name]
    parameters = inspect.signature(getattr(dltk, name)).parameters.values()
    by_place = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    by_name = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}
    by_name = {n: d for n, d in by_name.items() if not n.islower()}  # those are dltk's own
    assert by_place == positional.split()
    assert by_name == options


# Epsilon is added to the variance, whatever it is taken over


@pytest.mark.parametrize(
    ("function", "over"),
    [
        (dltk.batchnorm, (0, 2)),
        (dltk.layernorm, (1,)),
        (dltk.instancenorm, (0,)),
        (lambda X, *rest, **options: dltk.groupnorm(X, 1, *rest, **options), (0, 1)),
    ],
    ids=["batchnorm", "layernorm", "instancenorm", "groupnorm"],
)
def test_epsilon_is_added_to_the_variance(function, over):
    x = RANDOM.standard_normal((5, 4, 3))  # T, C, B
    mean, variance = x.mean(over, keepdims=True), x.var(over, keepdims=True)
    wanted = (x - mean) / np.sqrt(variance + 0.3)
    got = function(dlarray(x, "TCB"), 0, 1, Epsilon=0.3)
    np.testing.assert_allclose(
        extractdata(got), extractdata(dlarray(wanted, "TCB")), rtol=1e-10, atol=1e-12
    )


def test_epsilon_counts_with_given_statistics_too():
    x = RANDOM.standard_normal((4, 3))
    got = dltk.batchnorm(dlarray(x, "CB"), 0, 1, np.full(4, 0.5), np.full(4, 2.0), Epsilon=0.25)
    np.testing.assert_allclose(extractdata(got), (x - 0.5) / 1.5, rtol=1e-12)


def test_variance_decay_has_a_weight_of_its_own():
    x = RANDOM.standard_normal((4, 30))
    old = np.ones(4)
    _, mu, sigmaSq = dltk.batchnorm(
        dlarray(x, "CB"), 0, 1, old, old, MeanDecay=0.25, VarianceDecay=1, nargout=3
    )
    np.testing.assert_allclose(extractdata(mu).ravel(), 0.25 * x.mean(1) + 0.75)
    np.testing.assert_allclose(extractdata(sigmaSq).ravel(), x.var(1))


# softmax: the second example of its page


def test_softmax_of_ten_channels_is_what_its_reference_page_prints():
    x = np.random.RandomState(5489).random_sample(20).reshape(10, 2, order="F")
    Y = dltk.softmax(dlarray(x, "CB"))
    printed = """0.1151 0.1261 0.0579 0.1270 0.0959 0.0562 0.0673 0.0880 0.1328 0.1337
        0.0578 0.1303 0.1285 0.0802 0.1099 0.0569 0.0753 0.1233 0.1090 0.1288"""
    wanted = np.array(printed.split(), float).reshape(2, 10).T
    np.testing.assert_allclose(extractdata(Y), wanted, rtol=0, atol=5.1e-5)
    total = dltk.sum(Y, 1)
    assert (total.dims, total.shape) == ("CB", (1, 2))
    np.testing.assert_allclose(extractdata(total), 1)


def test_embed_takes_the_last_column_for_zeros_of_padded_sequences():
    words = np.array([[3.0, 1.0, 0.0], [2.0, 0.0, 0.0]])
    weights = RANDOM.standard_normal((4, 6))
    Y = dltk.embed(dlarray(words, "BT"), weights)
    assert (Y.dims, Y.shape) == ("CBT", (4, 2, 3))
    columns = np.where(words == 0, 6, words).astype(int) - 1
    np.testing.assert_array_equal(extractdata(Y), weights[:, columns])


# indexcrossentropy: each normalization, weights of each form, nothing reduced


def classes_and_targets():
    y = RANDOM.dirichlet(np.ones(3), size=(4, 5))  # B, T, C
    t = RANDOM.integers(1, 4, (4, 5)).astype(float)
    each = -np.log(np.take_along_axis(y, t[..., None].astype(int) - 1, -1)[..., 0])
    return y, t, each


@pytest.mark.parametrize(
    ("factor", "divisor"), [("batch-size", 4), ("target-included", 20), ("none", 1)]
)
def test_indexcrossentropy_divides_by_what_is_asked_for(factor, divisor):
    y, t, each = classes_and_targets()
    got = dltk.indexcrossentropy(dlarray(y, "BTC"), dlarray(t, "BT"), NormalizationFactor=factor)
    assert float(got) == pytest.approx(each.sum() / divisor, rel=1e-12)
    mask = RANDOM.random((4, 5)) < 0.6
    got = dltk.indexcrossentropy(
        dlarray(y, "BTC"), dlarray(t, "BT"), Mask=dlarray(mask, "BT"), NormalizationFactor=factor
    )
    divisor = mask.sum() if factor == "target-included" else divisor
    assert float(got) == pytest.approx((each * mask).sum() / divisor, rel=1e-12)


def test_indexcrossentropy_takes_weights_of_every_form():
    y, t, each = classes_and_targets()
    Y, T = dlarray(y, "BTC"), dlarray(t, "BT")
    of_class, of_all = RANDOM.random(3), RANDOM.random((4, 5, 3))
    picked = of_class[t.astype(int) - 1]
    of_target = np.take_along_axis(of_all, t[..., None].astype(int) - 1, -1)[..., 0]
    forms = [
        (2.5, None, 2.5),
        (of_class, "C", picked),
        (of_class[None], "UC", picked),
        (dlarray(of_class, "C"), None, picked),
        (dlarray(of_all, "BTC"), None, of_target),
    ]
    for weights, fmt, factor in forms:
        got = dltk.indexcrossentropy(Y, T, weights, WeightsFormat=fmt)
        assert float(got) == pytest.approx((each * factor).sum() / 4, rel=1e-12)
        each_one = dltk.indexcrossentropy(Y, T, weights, WeightsFormat=fmt, Reduction="none")
        np.testing.assert_allclose(extractdata(each_one)[0], each * factor, rtol=1e-12)


def test_indexcrossentropy_leaves_out_a_masked_index_known_or_not():
    y, t, each = classes_and_targets()
    t[1, 2:] = -1

    def loss(t):
        options = {"MaskIndex": -1, "NormalizationFactor": "target-included"}
        return extractdata(dltk.indexcrossentropy(dlarray(y, "BTC"), dlarray(t, "BT"), **options))

    wanted = each[t > 0].mean()
    assert float(loss(t)[0, 0]) == pytest.approx(wanted, rel=1e-12)
    with jax.enable_x64(True):
        assert float(jax.jit(loss)(t)[0, 0]) == pytest.approx(wanted, rel=1e-12)


# Labels: a mask for several observations, dimensions beyond those of an operation


def test_a_padding_mask_of_one_observation_holds_for_all():
    q, k = RANDOM.standard_normal((4, 2, 3)), RANDOM.standard_normal((4, 2, 5))
    keep = np.array([1.0, 1.0, 0.0, 1.0, 0.0])
    Q = dlarray(q, "CBT")
    one = dltk.attention(Q, k, k, 2, PaddingMask=dlarray(keep, "T"))
    every = dltk.attention(Q, k, k, 2, PaddingMask=np.broadcast_to(keep, (1, 2, 5)))
    without = dltk.attention(Q, k[..., keep > 0], k[..., keep > 0], 2)
    np.testing.assert_allclose(extractdata(one), extractdata(every), rtol=1e-12)
    np.testing.assert_allclose(extractdata(one), extractdata(without), rtol=1e-10)


@pytest.mark.parametrize(
    ("call", "part"),
    [
        (lambda X: dltk.softmax(X, DataFormat="CB"), "softmax: DataFormat is given, but X has"),
        (lambda X: dltk.ctc(X, X, None, None, DataFormat="CB"), "ctc: DataFormat is given, but Y"),
        (lambda X: dltk.dlresize(X, Scale=2, DataFormat="SB"), "dlresize: DataFormat is given"),
        (lambda X: dltk.dlstft(X, DataFormat="CT"), "dlstft: DataFormat is given, but x has"),
        (lambda X: dltk.generalizedDice(X, X, DataFormat="CB"), "generalizedDice: DataFormat is"),
        (lambda X: dltk.ssim(X, X, DataFormat="SS"), "ssim: DataFormat is given, but image has"),
    ],
)
def test_labels_come_from_the_array_or_from_DataFormat_not_both(call, part):
    with pytest.raises(FormatError, match=part):
        call(dlarray(np.ones((3, 4)), "CB"))


# Words may be written in any case, as MATLAB takes them

X34, Y34 = dlarray(RANDOM.random((3, 4)), "CB"), RANDOM.random((3, 4))
IMAGES = dlarray(RANDOM.random((5, 4, 2, 2)), "SSCB")
SEQUENCE = dlarray(RANDOM.random((2, 3, 200)), "CBT")


def recurrent(count, **options):
    """An LSTM (4 blocks of rows) or GRU (3) of two units."""
    rows, few = 2 * count, np.random.default_rng(1)
    given = [few.random(shape) for shape in ((rows, 2), (rows, 2), (rows, 1))]
    X, state = SEQUENCE[:, :, :5], np.zeros((2, 1))
    if count == 4:
        return dltk.lstm(X, state, state, *given, **options)
    if options.get("ResetGateMode", "").lower().startswith("recurrent"):
        given[2] = few.random((2 * rows, 1))
    return dltk.gru(X, state, *given, **options)


def attended(**options):
    Q = SEQUENCE[:, :, :5]
    return dltk.attention(Q, Q, Q, 1, **options)


WORDS = {
    "gelu Approximation": (lambda w: dltk.gelu(X34, Approximation=w), "none tanh"),
    "crossentropy ClassificationMode": (
        lambda w: dltk.crossentropy(X34, Y34, ClassificationMode=w),
        "single-label multilabel",
    ),
    "crossentropy TargetCategories": (
        lambda w: dltk.crossentropy(X34, Y34, TargetCategories=w),
        "exclusive independent",
    ),
    "l1loss Reduction": (lambda w: dltk.l1loss(X34, Y34, Reduction=w), "sum none"),
    "l2loss NormalizationFactor": (
        lambda w: dltk.l2loss(X34, Y34, Mask=Y34 > 0.4, NormalizationFactor=w),
        "batch-size all-elements mask-included none",
    ),
    "indexcrossentropy NormalizationFactor": (
        lambda w: dltk.indexcrossentropy(X34, [1, 2, 3, 1], NormalizationFactor=w),
        "batch-size target-included none",
    ),
    "focalCrossEntropy Reduction": (
        lambda w: dltk.focalCrossEntropy(X34, Y34, Reduction=w),
        "sum none",
    ),
    "ctc BlankIndex": (
        lambda w: dltk.ctc(dlarray(Y34, "CT"), [[2.0]], None, None, BlankIndex=w),
        "first last",
    ),
    "layernorm OperationDimension": (
        lambda w: dltk.layernorm(IMAGES, 0, 1, OperationDimension=w),
        "auto channel-only spatial-channel batch-excluded",
    ),
    "groupnorm numGroups": (
        lambda w: dltk.groupnorm(IMAGES, w, 0, 1),
        "all-channels channel-wise",
    ),
    "lstm StateActivationFunction": (
        lambda w: recurrent(4, StateActivationFunction=w),
        "tanh softsign relu",
    ),
    "lstm GateActivationFunction": (
        lambda w: recurrent(4, GateActivationFunction=w),
        "sigmoid hard-sigmoid",
    ),
    "gru StateActivationFunction": (
        lambda w: recurrent(3, StateActivationFunction=w),
        "tanh softsign relu",
    ),
    "gru GateActivationFunction": (
        lambda w: recurrent(3, GateActivationFunction=w),
        "sigmoid hard-sigmoid",
    ),
    "gru ResetGateMode": (
        lambda w: recurrent(3, ResetGateMode=w),
        "after-multiplication before-multiplication recurrent-bias-after-multiplication",
    ),
    "attention AttentionMask": (lambda w: attended(AttentionMask=w), "none causal"),
    "attention Scale": (lambda w: attended(Scale=w), "auto"),
    "avgpool poolsize": (lambda w: dltk.avgpool(IMAGES, w), "global"),
    "avgpool Padding": (lambda w: dltk.avgpool(IMAGES, 3, Padding=w), "same"),
    "avgpool PaddingValue": (
        lambda w: dltk.avgpool(IMAGES, 3, Padding=1, PaddingValue=w),
        "mean",
    ),
    "maxpool Padding": (lambda w: dltk.maxpool(IMAGES, 3, Padding=w), "same"),
    "dlconv Padding": (
        lambda w: dltk.dlconv(IMAGES, np.ones((3, 3, 2, 1)), 0, Padding=w),
        "same",
    ),
    "dlconv PaddingValue": (
        lambda w: dltk.dlconv(IMAGES, np.ones((3, 3, 2, 1)), 0, Padding=1, PaddingValue=w),
        "symmetric-include-edge symmetric-exclude-edge replicate",
    ),
    "dltranspconv Cropping": (
        lambda w: dltk.dltranspconv(IMAGES, np.ones((3, 3, 1, 2)), 0, Cropping=w),
        "same",
    ),
    "dlresize Method": (lambda w: dltk.dlresize(IMAGES, Scale=1.5, Method=w), "nearest linear"),
    "dlresize GeometricTransformMode": (
        lambda w: dltk.dlresize(IMAGES, Scale=2, GeometricTransformMode=w),
        "half-pixel asymmetric",
    ),
    "dlresize NearestRoundingMode": (
        lambda w: dltk.dlresize(IMAGES, Scale=0.7, NearestRoundingMode=w),
        "round floor onnx-10",
    ),
    "dlstft FrequencyRange": (
        lambda w: dltk.dlstft(SEQUENCE, FrequencyRange=w),
        "onesided twosided centered",
    ),
    "dlistft Method": (lambda w: dltk.dlistft(dltk.dlstft(SEQUENCE), Method=w), "wola ola"),
}


@pytest.mark.parametrize("name", WORDS)
def test_words_may_be_written_in_any_case(name):
    call, words = WORDS[name]
    listed = {word: extractdata(call(word)) for word in words.split()}
    for word, wanted in listed.items():
        for written in (word.upper(), word.title()):
            np.testing.assert_array_equal(extractdata(call(written)), wanted)
    different = {np.asarray(value).tobytes() for value in listed.values()}
    assert len(different) >= min(len(listed), 2)  # they do not all mean the same


def test_what_word_returns_is_used():
    """It is the word as it is listed; what the caller wrote may be in another case."""
    root = pathlib.Path(dltk.__file__).parent
    unused = [
        f"{path.relative_to(root)}:{node.lineno}"
        for path in sorted(root.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and getattr(node.value.func, "id", "") == "word"
        and len(getattr(node.value.args[-1], "elts", "many")) > 1
    ]
    assert not unused
