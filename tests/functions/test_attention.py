"""attention against a loop in NumPy: values, masks, labels, derivatives, messages."""

import jax
import numpy as np
import pytest
import scipy.special
from jax.test_util import check_grads

from dltk._errors import FormatError, OptionError
from dltk.dlarray import dlarray, extractdata
from dltk.functions._attention import attention

RNG = np.random.default_rng(11)


def sample(queries=3, keys=5, channels=4, values=6, batch=2):
    shapes = ((channels, batch, queries), (channels, batch, keys), (values, batch, keys))
    return tuple(RNG.standard_normal(shape) for shape in shapes)


def loop(Q, K, V, heads, scale=None, allowed=None, added=None):
    """Head by head and observation by observation, as the reference says."""
    Y = np.zeros((V.shape[0], *Q.shape[1:]))
    A = np.zeros((K.shape[2], Q.shape[2], heads, Q.shape[1]))
    d, e = K.shape[0] // heads, V.shape[0] // heads
    for h in range(heads):
        for n in range(Q.shape[1]):
            q, k = (x[h * d : (h + 1) * d, n] for x in (Q, K))
            products = (1 / np.sqrt(d) if scale is None else scale) * k.T @ q
            if added is not None:
                products = products + added
            if allowed is not None:
                products = np.where(allowed[:, :, h, n], products, -np.inf)
            A[:, :, h, n] = scipy.special.softmax(products, axis=0)
            Y[h * e : (h + 1) * e, n] = V[h * e : (h + 1) * e, n] @ A[:, :, h, n]
    return Y, A


def assert_close(got, expected):
    np.testing.assert_allclose(extractdata(got), expected, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("heads", [1, 2])
@pytest.mark.parametrize("scale", [None, 0.3])
def test_values_and_weights_agree_with_the_equations(heads, scale):
    Q, K, V = sample()
    options = {} if scale is None else {"Scale": scale}
    Y, A = attention(dlarray(Q, "CBT"), K, V, heads, nargout=2, **options)
    expected = loop(Q, K, V, heads, scale)
    assert (Y.dims, A.dims) == ("CBT", "")
    assert_close(Y, expected[0])
    assert_close(A, expected[1])


def test_sizes_are_those_of_the_reference_page():
    Q, K, V = sample(queries=64, keys=80, channels=100, values=120, batch=32)
    Y, A = attention(dlarray(Q.astype(np.float32), "CBT"), K, V, 5, nargout=2)
    assert (Y.shape, Y.dims, Y.dtype) == ((120, 32, 64), "CBT", np.float32)
    assert (A.shape, A.dims) == ((80, 64, 5, 32), "")


def test_labels_say_what_is_what():
    Q, K, V = sample()
    expected, _ = loop(Q, K, V, 2)
    turned = [dlarray(x.transpose(2, 1, 0), "TBC") for x in (Q, K, V)]
    assert_close(attention(*turned, 2), expected)
    plain = [x.transpose(1, 2, 0) for x in (Q, K, V)]
    Y = attention(dlarray(plain[0]), *plain[1:], 2, DataFormat="BTC")
    assert Y.dims == ""
    assert_close(Y, expected.transpose(1, 2, 0))
    one = [dlarray(x[:, 0], "CT") for x in (Q, K, V)]
    Y = attention(*one, 2)
    assert Y.dims == "CT"
    assert_close(Y, expected[:, 0])


def test_positions_of_an_image_are_taken_column_by_column():
    Q, K, V = sample(queries=6, keys=6)
    expected, weights = loop(Q, K, V, 2)
    images = [
        dlarray(x.transpose(2, 0, 1).reshape(2, 3, x.shape[0], 2, order="F"), "SSCB")
        for x in (Q, K, V)
    ]
    Y, A = attention(*images, 2, nargout=2)
    assert (Y.dims, Y.shape) == ("SSCB", (2, 3, 6, 2))
    assert_close(Y, expected.transpose(2, 0, 1).reshape(2, 3, 6, 2, order="F"))
    assert_close(A, weights)


def test_causal_mask_hides_later_keys():
    Q, K, V = sample(queries=5)
    allowed = np.triu(np.ones((5, 5), bool))[:, :, None, None].repeat(2, 2).repeat(2, 3)
    Y, A = attention(dlarray(Q, "CBT"), K, V, 2, AttentionMask="causal", nargout=2)
    expected = loop(Q, K, V, 2, allowed=allowed)
    assert_close(Y, expected[0])
    assert_close(A, expected[1])


@pytest.mark.parametrize("kind", [bool, float])
@pytest.mark.parametrize("shape", [(5, 3), (5, 3, 2), (5, 3, 1, 2), (5, 3, 2, 2)])
def test_zeros_of_an_attention_mask_forbid(shape, kind):
    Q, K, V = sample()
    mask = RNG.random(shape) < 0.6
    mask[0] = True
    allowed = np.broadcast_to(mask.reshape(*shape, *(1,) * (4 - len(shape))), (5, 3, 2, 2))
    Y = attention(dlarray(Q, "CBT"), K, V, 2, AttentionMask=mask.astype(kind))
    assert_close(Y, loop(Q, K, V, 2, allowed=allowed)[0])


def test_other_numbers_in_an_attention_mask_are_added():
    Q, K, V = sample()
    added = RNG.standard_normal((5, 3))
    assert_close(
        attention(dlarray(Q, "CBT"), K, V, 2, AttentionMask=added),
        loop(Q, K, V, 2, added=added)[0],
    )


def test_padding_has_no_influence():
    Q, K, V = sample()
    mask = np.ones((1, 2, 5))
    mask[0, 1, 3:] = 0
    expected, _ = loop(Q, K, V, 2)
    expected[:, 1] = loop(Q[:, 1:], K[:, 1:, :3], V[:, 1:, :3], 2)[0][:, 0]
    for given in (mask, dlarray(mask[0].astype(bool), "BT"), dlarray(mask, "CBT")):
        assert_close(attention(dlarray(Q, "CBT"), K, V, 2, PaddingMask=given), expected)


def test_an_observation_of_padding_alone_stays_finite():
    Q, K, V = sample()
    mask = np.ones((1, 2, 5))
    mask[0, 1] = 0

    def total(Q):
        return extractdata(attention(dlarray(Q, "CBT"), K, V, 2, PaddingMask=mask)).sum()

    with jax.enable_x64(True):
        value, slope = jax.value_and_grad(total)(Q)
        assert np.isfinite(float(value))
        assert np.isfinite(np.asarray(slope)).all()


def test_dropout_keeps_the_mean_and_draws_anew():
    Q = dlarray(np.zeros((2, 1, 40), np.float32), "CBT")
    K, V = np.zeros((2, 1, 50)), np.ones((2, 1, 50))
    draws = [attention(Q, K, V, 1, DropoutProbability=0.5, nargout=2) for _ in range(2)]
    assert abs(extractdata(draws[0][0]).mean() - 1) < 0.1
    weights = [extractdata(A) for _, A in draws]
    assert set(np.round(np.unique(weights[0]) * 50, 3)) == {0, 2}
    assert (weights[0] != weights[1]).any()


def test_derivatives_agree_with_finite_differences():
    given = sample()
    mask = RNG.random((5, 3)) < 0.7
    mask[0] = True

    def raw(Q, K, V, scale):
        options = {"Scale": dlarray(scale), "AttentionMask": mask, "nargout": 2}
        Y, A = attention(dlarray(Q, "CBT"), dlarray(K, "CBT"), dlarray(V, "CBT"), 2, **options)
        return extractdata(Y), extractdata(A)

    with jax.enable_x64(True):
        check_grads(jax.jit(raw), (*given, 0.4), order=2, modes=["rev"], atol=1e-4, rtol=1e-4)


# What goes wrong


def test_sizes_that_do_not_fit_are_all_shown():
    Q, K, V = sample()
    with pytest.raises(FormatError, match="do not fit together") as error:
        attention(dlarray(Q, "CBT"), K[:3], V, 1)
    assert "keys: 3(C) × 2(B) × 5(T)" in str(error.value)
    with pytest.raises(FormatError, match="do not fit together"):
        attention(dlarray(Q, "CBT"), K, V[..., :4], 1)
    with pytest.raises(FormatError, match="do not fit together"):
        attention(dlarray(Q, "CBT"), K[:, :1], V[:, :1], 1)


def test_heads_that_do_not_divide_the_channels_are_refused():
    Q, K, V = sample()
    with pytest.raises(OptionError, match="heads must divide") as error:
        attention(dlarray(Q, "CBT"), K, V, 4)
    assert "numHeads: 4" in str(error.value)
    assert "values: 6(C)" in str(error.value)


def test_masks_of_the_wrong_size_say_what_is_right():
    Q, K, V = sample()
    with pytest.raises(FormatError, match="AttentionMask of the wrong size") as error:
        attention(dlarray(Q, "CBT"), K, V, 2, AttentionMask=np.ones((3, 5)))
    assert "5×3 (keys x queries)" in str(error.value)
    with pytest.raises(FormatError, match="PaddingMask of the wrong size"):
        attention(dlarray(Q, "CBT"), K, V, 2, PaddingMask=np.ones((1, 2, 3)))


def test_words_and_labels_that_do_not_exist_are_explained():
    Q, K, V = sample()
    with pytest.raises(OptionError, match="AttentionMask is not one of its words") as error:
        attention(dlarray(Q, "CBT"), K, V, 2, AttentionMask="casual")
    assert 'Did you mean "causal"?' in str(error.value)
    with pytest.raises(FormatError, match='positions along either "T" or "S"'):
        attention(dlarray(Q[:, :, 0], "CB"), K[:, :, 0], V[:, :, 0], 2)
    with pytest.raises(OptionError, match="keys must be numbers"):
        attention(dlarray(Q, "CBT"), None, V, 2)
