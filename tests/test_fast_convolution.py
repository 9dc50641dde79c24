"""The layers for images: held against the loops, against differences, and in a network.

The layers go through a few images at a time, so many tests make a few small enough that several
rounds and a smaller last one happen.
"""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

import course_utils as cu
from course_utils import fast_convolution


def assert_close(got, expected, tolerance=1e-10):
    """Of the same shape, and as near as `tolerance` times the largest number."""
    assert got.shape == expected.shape
    assert np.abs(got - expected).max() <= tolerance * np.abs(expected).max()


def image(rows):
    """One image of one channel."""
    return np.array(rows, float)[None, :, :, None]


def build(layer, input_shape, dtype=np.float64):
    layer.build(input_shape, np.random.default_rng(1), dtype)
    return layer


PIXELS = [[1, 3, 2, 0], [4, 2, 0, 5], [7, 7, 1, 1], [6, 7, 1, 1]]


# Winograd's matrices


@pytest.mark.parametrize("tile", [6, 8])
@pytest.mark.parametrize("taps", [2, 3, 4, 5])
def test_winograd_matrices_slide_a_kernel_along_a_tile(taps, tile, rng):
    Bt, G, At = cu.winograd_matrices(taps, tile)
    assert At.shape == (tile + 1 - taps, tile)
    d, g = rng.normal(size=tile), rng.normal(size=taps)
    assert_close(At @ ((G @ g) * (Bt @ d)), np.correlate(d, g, "valid"), 1e-13)


@pytest.mark.parametrize("tile", [6, 8])
@pytest.mark.parametrize("taps", [2, 3, 4, 5])
def test_winograd_matrices_transposed_go_back(taps, tile, rng):
    """dg is the tile's numbers slid along by dz; dd is dz spread by the kernel."""
    Bt, G, At = cu.winograd_matrices(taps, tile)
    d, g, dz = (rng.normal(size=size) for size in (tile, taps, tile + 1 - taps))
    assert_close(G.T @ ((At.T @ dz) * (Bt @ d)), np.correlate(d, dz, "valid"), 1e-13)
    assert_close(Bt.T @ ((At.T @ dz) * (G @ g)), np.convolve(dz, g), 1e-13)


@pytest.mark.parametrize("kernel_size", range(1, 8))
@pytest.mark.parametrize("stride", [1, 2])
def test_conv2d_layer_saves_products_where_it_can(kernel_size, stride):
    """By results alone nobody would see whether it does."""
    layer = build(cu.Conv2D(1, kernel_size, stride), (9, 9, 1))
    products, plainly = layer.tiles * layer.tile, layer.rows * kernel_size
    if stride == 1 and 2 <= kernel_size <= 5:
        assert products < plainly
    else:
        assert products == plainly


def test_conv2d_layer_takes_the_tile_that_fits():
    """24 rows are four tiles of 8 that give 6 rows each; 8 rows are two of 6 that give 4."""
    assert build(cu.Conv2D(1, 3), (26, 26, 1)).tile == 8
    assert build(cu.Conv2D(1, 3), (10, 10, 1)).tile == 6


# The layers give what the loops give


@dataclass
class Convolution:
    """What a Conv2D is made of, and how many images it takes at a time."""

    n: int
    height: int
    width: int
    channels: int
    filters: int
    kernel_size: int
    stride: int
    padding: int
    few: int
    seed: int

    def layer(self):
        layer = cu.Conv2D(self.filters, self.kernel_size, self.stride, self.padding)
        return build(layer, (self.height, self.width, self.channels))

    def numbers(self, layer):
        """Random x, b and dz; the kernels are random already."""
        rng = np.random.default_rng(self.seed)
        layer.b[:] = rng.normal(size=self.filters)
        x = rng.normal(size=(self.n, self.height, self.width, self.channels))
        z = cu.conv2d(x, layer.W, layer.b, self.stride, self.padding)
        return x, z, rng.normal(size=z.shape)


def a_few_at_once(patch, layer, few):
    """Give Conv2D room for the windows of so many images."""
    window = layer.kernel_size * layer.W.shape[2]
    of_one = layer.tile * layer.tiles * layer.columns * (window + layer.filters)
    patch.setattr(fast_convolution, "NUMBERS_AT_ONCE", few * of_one)


@st.composite
def convolutions(draw):
    kernel_size = draw(st.integers(1, 7))
    padding = draw(st.integers(0, kernel_size - 1))
    length = st.integers(max(1, kernel_size - 2 * padding), kernel_size + 7)
    return Convolution(
        n=draw(st.integers(1, 7)),
        height=draw(length),
        width=draw(length),
        channels=draw(st.integers(1, 3)),
        filters=draw(st.integers(1, 4)),
        kernel_size=kernel_size,
        stride=draw(st.integers(1, 4)),
        padding=padding,
        few=draw(st.integers(1, 4)),
        seed=draw(st.integers(0, 1000)),
    )


@settings(max_examples=200, deadline=None)
@given(convolutions())
def test_conv2d_layer_gives_what_the_loops_give(case):
    layer = case.layer()
    x, z, dz = case.numbers(layer)
    dx, dW, db = cu.conv2d_backward(dz, x, layer.W, case.stride, case.padding)
    with pytest.MonkeyPatch.context() as patch:
        a_few_at_once(patch, layer, case.few)
        assert_close(layer.forward(x), z)
        assert_close(layer.backward(dz), dx)
        assert_close(layer.dW, dW)
        assert_close(layer.db, db)
        del layer.dW, layer.db
        layer.parameter_gradients(dz)
        assert_close(layer.dW, dW)
        assert_close(layer.db, db)


@pytest.mark.parametrize(("few", "parts"), [(1, 5 * [1]), (2, [2, 2, 1]), (3, [3, 2]), (9, [5])])
def test_conv2d_layer_goes_through_a_few_images_at_a_time(few, parts, monkeypatch, rng):
    """Which also says that the test before this one saw several rounds and a smaller last one."""
    layer, x = build(cu.Conv2D(4, 3), (6, 7, 2)), rng.normal(size=(5, 6, 7, 2))
    a_few_at_once(monkeypatch, layer, few)
    assert [len(x[some]) for some, _ in layer._a_few_at_a_time(x)] == parts


def test_an_image_too_large_for_the_cache_goes_alone(monkeypatch, rng):
    layer, x = build(cu.Conv2D(4, 3), (6, 7, 2)), rng.normal(size=(5, 6, 7, 2))
    monkeypatch.setattr(fast_convolution, "NUMBERS_AT_ONCE", 1)
    assert [len(x[some]) for some, _ in layer._a_few_at_a_time(x)] == 5 * [1]
    assert_close(layer.forward(x), cu.conv2d(x, layer.W, layer.b))


@st.composite
def poolings(draw):
    """Images of small whole numbers, with many ties, and a layer for them."""
    size, stride = draw(st.integers(1, 4)), draw(st.none() | st.integers(1, 4))
    length = st.integers(size, size + 8)
    shape = (draw(st.integers(1, 4)), draw(length), draw(length), draw(st.integers(1, 3)))
    most = draw(st.integers(0, 4))
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    return rng, rng.integers(-most, most + 1, shape).astype(float), size, stride


@settings(max_examples=200, deadline=None)
@given(poolings())
def test_max_pool2d_layer_gives_what_the_loops_give(case):
    rng, x, size, stride = case
    layer = build(cu.MaxPool2D(size, stride), x.shape[1:])
    a = cu.max_pool2d(x, size, stride)
    da = rng.integers(-9, 10, a.shape).astype(float)  # whole numbers add up without rounding
    assert_array_equal(layer.forward(x), a)
    assert_array_equal(layer.backward(da), cu.max_pool2d_backward(da, x, size, stride))


@settings(max_examples=50, deadline=None)
@given(poolings())
def test_ties_do_not_double_the_gradient(case):
    rng, x, size, stride = case
    assume(stride is None or stride >= size)
    layer = build(cu.MaxPool2D(size, stride), x.shape[1:])
    da = rng.integers(-9, 10, layer.forward(x).shape).astype(float)
    assert layer.backward(da).sum() == da.sum()
    assert cu.max_pool2d_backward(da, x, size, stride).sum() == da.sum()


def test_max_pool2d_layer_by_hand():
    layer = build(cu.MaxPool2D(), (4, 4, 1))
    assert_array_equal(layer.forward(image(PIXELS)), image([[4, 5], [7, 1]]))
    dx = layer.backward(image([[10, 20], [30, 40]]))
    assert_array_equal(dx, image([[0, 0, 0, 0], [10, 0, 0, 20], [30, 0, 40, 0], [0, 0, 0, 0]]))


@pytest.mark.parametrize("layer", [cu.MaxPool2D(), cu.MaxPool2D(3, stride=2)])
def test_pixels_below_zero_are_pooled_too(layer, rng):
    x = -1 - rng.random((2, 7, 7, 3))
    build(layer, (7, 7, 3))
    assert_array_equal(layer.forward(x), cu.max_pool2d(x, layer.size, layer.stride))


# The layers as layers

LAYERS = {
    "Conv2D": lambda: cu.Conv2D(3, 3),
    "Conv2D, one pixel": lambda: cu.Conv2D(3, 1),
    "Conv2D, padded": lambda: cu.Conv2D(2, 4, padding=2),
    "Conv2D, in strides": lambda: cu.Conv2D(2, 3, stride=2, padding=1),
    "Conv2D, large": lambda: cu.Conv2D(2, 6, padding=2),
    "MaxPool2D": cu.MaxPool2D,
    "MaxPool2D, overlapping": lambda: cu.MaxPool2D(3, stride=2),
    "MaxPool2D, with gaps": lambda: cu.MaxPool2D(2, stride=3),
}
every_layer = pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS)
SHAPE = (7, 5, 2)


def arrays_of(layer):
    return [*layer.parameters, *layer.gradients]


@every_layer
def test_backward_agrees_with_differences(make, rng):
    layer = build(make(), SHAPE)
    x = rng.normal(size=(2, *SHAPE))
    da = rng.normal(size=layer.forward(x).shape)

    def value(_):
        return np.sum(layer.forward(x) * da)

    layer.forward(x)
    assert cu.relative_error(layer.backward(da), cu.numerical_gradient(value, x)) < 1e-7
    for parameter, gradient in zip(layer.parameters, layer.gradients, strict=True):
        assert gradient.shape == parameter.shape
        assert cu.relative_error(gradient, cu.numerical_gradient(value, parameter)) < 1e-7


@every_layer
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_layers_keep_the_dtype(make, dtype, rng):
    layer = build(make(), SHAPE, dtype)
    x = rng.normal(size=(3, *SHAPE)).astype(dtype)
    a = layer.forward(x, training=True)
    arrays = [a, layer.backward(a), *arrays_of(layer)]
    layer.parameter_gradients(a)
    assert {array.dtype for array in arrays + arrays_of(layer)} == {np.dtype(dtype)}


@every_layer
def test_layers_leave_their_arguments_alone(make, rng):
    layer = build(make(), SHAPE)
    x = rng.normal(size=(3, *SHAPE))
    da = rng.normal(size=layer.forward(x).shape)
    arguments = [x, da, *layer.parameters]
    before = [array.copy() for array in arguments]
    layer.forward(x, training=True)
    layer.backward(da)
    layer.parameter_gradients(da)
    assert all(map(np.array_equal, arguments, before))


@every_layer
def test_build_gives_the_shape_of_the_output(make, rng):
    layer = make()
    announced = layer.build(SHAPE, rng, np.float64)
    assert layer.forward(rng.normal(size=(3, *SHAPE))).shape == (3, *announced)


@every_layer
def test_backward_twice_gives_the_same_gradients(make, rng):
    layer = build(make(), SHAPE)
    da = rng.normal(size=layer.forward(rng.normal(size=(3, *SHAPE))).shape)
    first = [layer.backward(da), *layer.gradients]
    kept = [array.copy() for array in first]
    second = [layer.backward(da), *layer.gradients]
    assert all(map(np.array_equal, second, kept))
    layer.backward(2 * da)
    assert all(map(np.array_equal, first, kept))  # nobody writes into what was returned


@every_layer
@pytest.mark.parametrize("sizes", [(4, 2), (2, 4), (1, 3)])
def test_nothing_is_left_of_an_earlier_batch(make, sizes, rng, monkeypatch):
    used, fresh = build(make(), SHAPE), build(make(), SHAPE)
    if used.parameters:
        a_few_at_once(monkeypatch, used, 3)
    earlier, x = (rng.normal(size=(n, *SHAPE)) for n in sizes)
    first = used.forward(earlier)
    kept = first.copy()
    used.backward(first)

    a = used.forward(x)
    assert_array_equal(a, fresh.forward(x))
    assert_array_equal(used.backward(a), fresh.backward(a))
    assert all(map(np.array_equal, used.gradients, fresh.gradients))
    assert_array_equal(first, kept)


VIEWS = {
    "cropped": lambda big: big[:, 1:8, 2:7, :2],
    "every other": lambda big: big[::2, 1::2, 1::2, 1:],
    "upside down": lambda big: big[:, 6::-1, 4::-1, 1::-1],
    "channels first": lambda big: np.ascontiguousarray(big.transpose(0, 3, 1, 2)).transpose(
        0, 2, 3, 1
    )[:, :7, :5, :2],
    "the same image often": lambda big: np.broadcast_to(big[0, :7, :5, :2], (4, 7, 5, 2)),
}


@every_layer
@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_an_array_that_is_a_view_is_as_good_as_its_copy(make, view, rng):
    layer = build(make(), SHAPE)
    x = view(rng.normal(size=(5, 15, 11, 3)))
    assert x.shape[1:] == SHAPE
    assert not x.flags.c_contiguous
    a = layer.forward(x)
    da = np.repeat(rng.normal(size=a.shape), 2, axis=2)[:, :, ::2]
    got = [a, layer.backward(da), *layer.gradients]
    expected = [layer.forward(x.copy()), layer.backward(da.copy()), *layer.gradients]
    for one, other in zip(got, expected, strict=True):
        assert_close(one, other, 1e-13)


def test_conv2d_starts_with_he_weights_and_small_biases():
    layer = build(cu.Conv2D(4, 3), SHAPE)
    assert_array_equal(layer.W, cu.he((3, 3, 2, 4), np.random.default_rng(1)))
    assert_array_equal(layer.b, np.full(4, 0.01))


def test_rounding_does_not_open_or_close_the_gate_on_blank_paper():
    """Beside ink, tiles of blank windows give their bias but for rounding: at 0 it would tell."""
    (X, _), _ = cu.load_mnist()
    x = X[:20].reshape(-1, 28, 28, 1)
    for kernel_size in (3, 5):
        layer = build(cu.Conv2D(8, kernel_size), (28, 28, 1))
        plainly = cu.conv2d(x, layer.W, layer.b)
        assert_array_equal(layer.forward(x) > 0, plainly > 0)


def test_conv2d_takes_another_initializer():
    layer = build(cu.Conv2D(4, 3, initializer=cu.xavier), SHAPE)
    assert_array_equal(layer.W, cu.xavier((3, 3, 2, 4), np.random.default_rng(1)))


def test_new_weights_count_at_once(rng):
    """An optimizer changes them in place: nothing worked out of the old ones may be kept."""
    layer, x = build(cu.Conv2D(4, 3), SHAPE), rng.normal(size=(3, *SHAPE))
    layer.backward(layer.forward(x))
    layer.W += rng.normal(size=layer.W.shape)
    layer.b += 1
    z = cu.conv2d(x, layer.W, layer.b)
    assert_close(layer.forward(x), z)
    assert_close(layer.backward(z), cu.conv2d_backward(z, x, layer.W)[0])


@pytest.mark.parametrize("shape", [(28, 28, 1), (14, 14, 8), (26, 26, 64)])
@pytest.mark.parametrize("kernel_size", [1, 2, 3, 5])
def test_float32_is_as_exact_as_conv2d_says(shape, kernel_size, rng):
    layer = build(cu.Conv2D(16, kernel_size), shape, np.float32)
    x = rng.random((2, *shape)).astype(np.float32)
    exact = cu.conv2d(*(array.astype(np.float64) for array in (x, layer.W, layer.b)))
    assert_close(layer.forward(x), exact, 3e-6)


@pytest.mark.parametrize("kernel_size", [2, 3, 4, 5])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_pixel_that_is_not_finite_spreads_as_far_as_conv2d_says(kernel_size, value, rng):
    layer = build(cu.Conv2D(1, kernel_size), (28, 28, 1))
    x = rng.random((1, 28, 28, 1))
    x[0, 13, 13] = value
    with np.errstate(invalid="ignore"):
        spread = ~np.isfinite(layer.forward(x)[0, ..., 0])
    rows, columns = np.flatnonzero(spread.any(axis=1)), np.flatnonzero(spread.any(axis=0))
    assert {*range(14 - kernel_size, 14)} <= {*rows}  # those that it touches by definition
    assert len(rows) <= 2 * layer.sums
    assert list(columns) == list(range(14 - kernel_size, 14))


def test_the_stride_of_a_pooling_is_its_size_unless_told():
    assert (cu.MaxPool2D().size, cu.MaxPool2D().stride) == (2, 2)
    assert (cu.MaxPool2D(3).size, cu.MaxPool2D(3).stride) == (3, 3)
    assert (cu.MaxPool2D(3, 1).size, cu.MaxPool2D(3, 1).stride) == (3, 1)


def test_a_layer_shows_its_settings():
    layers = [cu.Conv2D(8, 3), cu.Conv2D(8, 5, stride=2, padding=1), cu.MaxPool2D(3)]
    assert str(layers) == "[Conv2D(8, 3, 1, 0), Conv2D(8, 5, 2, 1), MaxPool2D(3, 3)]"


# What is refused


@pytest.mark.parametrize("value", [0, -3, 2.0, "3", True, None])
@pytest.mark.parametrize("name", ["filters", "kernel_size", "stride"])
def test_counts_of_a_convolution_must_be_whole_numbers(name, value):
    arguments = {"filters": 4, "kernel_size": 3, "stride": 1} | {name: value}
    with pytest.raises(ValueError, match=f"^{name} must be a whole number of at least 1, got"):
        cu.Conv2D(**arguments)


@pytest.mark.parametrize("padding", [-1, 3, 4, 0.5, 1.0, "1", True, None])
def test_padding_must_be_smaller_than_the_kernel(padding):
    message = "^padding must be a whole number from 0 to kernel_size - 1, got"
    with pytest.raises(ValueError, match=message):
        cu.Conv2D(4, 3, padding=padding)


@pytest.mark.parametrize("size", [0, -3, 2.0, "2", True, None])
def test_the_size_of_a_pooling_must_be_a_whole_number(size):
    with pytest.raises(ValueError, match="^size must be a whole number of at least 1, got"):
        cu.MaxPool2D(size)


@pytest.mark.parametrize("stride", [0, -3, 2.0, "2", True])
def test_the_stride_of_a_pooling_must_be_a_whole_number(stride):
    with pytest.raises(ValueError, match="^stride must be a whole number of at least 1, got"):
        cu.MaxPool2D(2, stride)


def network(*layers, input_shape, dtype=np.float64):
    rng = np.random.default_rng(0)
    return cu.Sequential(list(layers), input_shape=input_shape, rng=rng, dtype=dtype)


@pytest.mark.parametrize("layer", [cu.Conv2D(4, 3), cu.MaxPool2D()])
@pytest.mark.parametrize("input_shape", [784, (28, 28)])
def test_what_is_no_image_is_refused(layer, input_shape):
    shape = f"({input_shape},)" if input_shape == 784 else str(input_shape)
    message = f"takes images, shape (H, W, C), not {shape}: .* 28 × 28 pixels is (28, 28, 1)"
    message = message.replace("(", r"\(").replace(")", r"\)")
    with pytest.raises(ValueError, match=rf"layer 1, {type(layer).__name__}\(.*{message}"):
        network(layer, input_shape=input_shape)


@pytest.mark.parametrize(
    ("layer", "input_shape"),
    [
        (cu.Conv2D(4, 5), (4, 9, 1)),
        (cu.Conv2D(4, 5), (9, 4, 1)),
        (cu.MaxPool2D(5, 1), (4, 9, 1)),
        (cu.MaxPool2D(5, 1), (9, 4, 1)),
    ],
)
def test_a_window_larger_than_the_image_is_refused(layer, input_shape):
    message = r"layer 2, (Conv2D\(4, 5, 1, 0\)|MaxPool2D\(5, 1\)), does not fit .* gives shape "
    message += r"\(\d, \d, 1\): a window of 5 pixels does not fit into 4 pixels with 0 of padding"
    with pytest.raises(ValueError, match=message):
        network(cu.ReLU(), layer, input_shape=input_shape)


def test_padding_makes_room_for_a_window_but_only_so_much():
    assert network(cu.Conv2D(4, 5, padding=2), input_shape=(1, 1, 1)).output_shape == (1, 1, 4)
    with pytest.raises(ValueError, match="a window of 7 pixels .* 2 pixels with 2 of padding"):
        network(cu.Conv2D(4, 7, padding=2), input_shape=(2, 9, 1))


# In a network


def small_cnn(dtype=np.float64):
    layers = [cu.Conv2D(4, 3, padding=1), cu.ReLU(), cu.MaxPool2D(), cu.Conv2D(3, 2, stride=2)]
    layers += [cu.Tanh(), cu.MaxPool2D(2, stride=1), cu.Flatten(), cu.Dense(2)]
    return network(*layers, input_shape=(9, 8, 1), dtype=dtype)


def test_shapes_of_a_network_for_images():
    assert small_cnn().shapes[:-1] == [
        (9, 8, 4),
        (9, 8, 4),
        (4, 4, 4),
        (2, 2, 3),
        (2, 2, 3),
        (1, 1, 3),
        (3,),
    ]


def test_gradients_of_a_network_for_images(rng):
    result = cu.check_gradients(
        small_cnn(), cu.softmax_cross_entropy, rng.normal(size=(3, 9, 8, 1)), np.array([0, 1, 1])
    )
    assert result.passed
    assert len(result.errors) == 1 + 6


def test_gradients_are_the_same_with_and_without_the_input_gradient(rng):
    net, X = small_cnn(), rng.normal(size=(5, 9, 8, 1))
    _, gradient = cu.softmax_cross_entropy(net.forward(X), np.array([0, 1, 1, 0, 1]))
    assert net.backward(gradient, input_gradient=True).shape == X.shape
    with_input = [g.copy() for g in net.gradients()]
    assert net.backward(gradient) is None
    assert all(map(np.array_equal, net.gradients(), with_input))


def bars(rows):
    """Pictures (rows, 9, 8, 1) of a bar with some noise: upright ones are class 1."""
    rng = np.random.default_rng(3)
    y = np.arange(rows) % 2
    X = 0.2 * rng.normal(size=(rows, 9, 8, 1))
    for picture, upright, place in zip(X, y, rng.integers(8, size=rows), strict=True):
        picture[np.s_[:, place] if upright else place] += 1
    return X, y


def train(net, X, y, **changes):
    options = {"epochs": 8, "batch_size": 20, "rng": np.random.default_rng(2)} | changes
    return cu.train(
        net, X, y, loss=cu.softmax_cross_entropy, optimizer=cu.SGD(0.1, momentum=0.9), **options
    )


def test_a_network_for_images_learns():
    X, y = bars(160)
    net = small_cnn()
    history = train(net, X[:120], y[:120])
    assert history.loss[-1] < history.loss[0] / 3
    assert np.mean(net.predict_classes(X[120:]) == y[120:]) > 0.9


def test_a_network_for_images_learns_the_same_with_two_workers():
    X, y = bars(50)
    alone, shared = small_cnn(), small_cnn()
    train(alone, X, y, epochs=2)
    train(shared, X, y, epochs=2, workers=2)
    for one, other in zip(alone.parameters(), shared.parameters(), strict=True):
        assert_close(other, one, 1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_loaded_network_for_images_is_the_saved_one(dtype, tmp_path, rng):
    net = small_cnn(dtype)
    for parameter in net.parameters():
        parameter += 1  # not what an initializer would give
    net.save(tmp_path / "net.npz")
    loaded = cu.Sequential.load(tmp_path / "net.npz")
    assert repr(loaded) == repr(net)
    for layer, other in zip(loaded.layers, net.layers, strict=True):
        assert [getattr(layer, s) for s in layer.settings] == [
            getattr(other, s) for s in other.settings
        ]
    X = rng.normal(size=(5, 9, 8, 1)).astype(dtype)
    outputs = loaded.forward(X)
    assert outputs.dtype == dtype
    assert_array_equal(outputs, net.forward(X))


def test_training_goes_on_after_loading(tmp_path):
    X, y = bars(40)
    net = small_cnn()
    train(net, X, y, epochs=1)
    net.save(tmp_path / "net.npz")
    loaded = cu.Sequential.load(tmp_path / "net.npz")
    assert train(loaded, X, y, epochs=1) == train(net, X, y, epochs=1)
    assert all(map(np.array_equal, loaded.parameters(), net.parameters()))


def test_settings_given_as_numpy_numbers_can_be_saved(tmp_path):
    one, two, three = np.arange(1, 4)
    layers = [cu.Conv2D(two, three, stride=one, padding=one), cu.MaxPool2D(two, stride=one)]
    net = network(*layers, input_shape=(5, 6, 1))
    net.save(tmp_path / "net.npz")
    assert repr(cu.Sequential.load(tmp_path / "net.npz")) == repr(net)
