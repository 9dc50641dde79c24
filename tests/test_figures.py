"""Figures: what is drawn is the data, and each carries a sentence that says what it shows."""

import importlib
import io
import itertools
import pkgutil

import matplotlib
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

import course_utils as cu
from course_utils import figures
from course_utils.figures import polynomials
from course_utils.figures.answers import moved
from course_utils.figures.attacks import attacked
from course_utils.figures.backprop import ARROWS, backprop_steps, draw_backprop
from course_utils.figures.convolution import draw_convolution, draw_places
from course_utils.figures.graph import _places, draw_graph
from course_utils.figures.picture import png

matplotlib.use("Agg")

ROOMS = [
    importlib.import_module(f"course_utils.figures.{room.name}")
    for room in pkgutil.iter_modules(figures.__path__)
]


@pytest.fixture
def shown(monkeypatch):
    """What `show` is given: a list of (figure, alt text)."""
    given = []
    for room in ROOMS:
        if hasattr(room, "show"):
            monkeypatch.setattr(room, "show", lambda fig, alt: given.append((fig, alt)))
    yield given
    matplotlib.pyplot.close("all")


@pytest.fixture
def points(rng):
    X = rng.normal(size=(30, 2))
    return X, (X[:, 0] > 0).astype(int)


def history():
    return cu.History([0.9, 0.5], [0.8, 0.6], [0.7, 0.75], validation_samples=1000)


def test_history_is_drawn_from_epoch_1(shown):
    cu.plot_history(history())
    [(fig, alt)] = shown
    loss, accuracy = fig.axes
    training, validation = loss.lines
    assert training.get_xydata().tolist() == [[1, 0.9], [2, 0.5]]
    assert validation.get_ydata().tolist() == [0.8, 0.6]
    assert accuracy.lines[0].get_ydata().tolist() == [0.7, 0.75]
    assert "training from 0.9 to 0.5" in alt
    assert "from 0.7 to 0.75 on 1,000 samples" in alt


def test_history_without_validation_has_one_panel(shown):
    cu.plot_history(cu.History([0.9, 0.5]))
    [(fig, alt)] = shown
    assert len(fig.axes) == 1
    assert "alidation" not in alt


def test_curves_stand_in_panels_with_their_ends_in_the_description(shown):
    panels = {"loss": {"training": [0.9, 0.5]}, "accuracy": {"training": [0.7, 0.8]}}
    cu.plot_curves(panels, said="Two epochs.")
    [(fig, alt)] = shown
    loss, accuracy = fig.axes
    assert loss.lines[0].get_xydata().tolist() == [[1, 0.9], [2, 0.5]]
    assert (loss.get_ylabel(), accuracy.get_ylabel()) == ("loss", "accuracy")
    assert alt == (
        "Two epochs. loss, over the epochs: training from 0.9 to 0.5. "
        "accuracy, over the epochs: training from 0.7 to 0.8."
    )


def test_curves_of_one_kind_share_their_axis(shown):
    cu.plot_curves({"a": {"training": [0.9]}, "b": {"training": [0.1]}}, ylabel="loss")
    left, right = shown[0][0].axes
    assert left.get_ylim() == right.get_ylim()
    assert (left.get_title(), left.get_ylabel(), right.get_ylabel()) == ("a", "loss", "")


def test_the_valley_shows_each_path_and_counts_its_crossings(shown):
    path = np.array([[-2.0, 1.0], [-1.0, -1.0], [-0.5, 0.5]])
    cu.plot_valley({"no momentum": path}, (1.0, 25.0))
    [(fig, alt)] = shown
    assert fig.axes[0].lines[0].get_xydata().tolist() == path.tolist()
    assert "crosses the floor 2 times and ends 0.71 from the lowest point" in alt


def test_a_confusion_matrix_is_shaded_by_its_errors_only(shown):
    cu.plot_mistakes([[50, 3, 0], [1, 40, 0], [0, 2, 60]])
    [(fig, alt)] = shown
    shades = fig.axes[0].images[0].get_array()
    assert shades.mask.tolist() == [[True, False, True], [False, True, True], [True, False, True]]
    assert [text.get_text() for text in fig.axes[0].texts] == ["50", "3", "1", "40", "2", "60"]
    assert "156 pictures" in alt and "150 are on the diagonal" in alt
    assert "0 as 1, 3 times; 2 as 1, 2 times; 1 as 0, 1 times" in alt


def test_lines_differ_in_more_than_colour(shown):
    cu.use_style()
    cu.plot_history(history())
    training, validation = shown[0][0].axes[0].lines
    assert training.get_linestyle() != validation.get_linestyle()


@pytest.mark.parametrize("shape", [(3, 784), (3, 28, 28), (3, 28, 28, 1)])
def test_images_come_in_any_of_three_shapes(shown, rng, shape):
    images = rng.random(shape)
    cu.plot_images(images, titles=[1, 2, 3], columns=2)
    [(fig, _)] = shown
    assert len(fig.axes) == 4
    drawn = fig.axes[1].images[0].get_array()
    np.testing.assert_array_equal(drawn, images[1].reshape(28, 28))
    assert fig.axes[1].get_title() == "2"


def test_images_that_are_not_square_are_refused():
    with pytest.raises(ValueError, match="images must be square, got 12 pixels each"):
        cu.plot_images(np.zeros((2, 12)))


def test_decision_boundary_is_where_the_probability_is_one_half(points):
    ax = Figure().subplots()
    cu.draw_decision_boundary(ax, lambda p: cu.sigmoid(p[:, 0] - 0.5), *points)
    line = ax.collections[0].get_paths()[0].vertices
    np.testing.assert_allclose(line[:, 0], 0.5, atol=0.01)
    shade = ax.images[0].get_array()
    assert shade[:, 0].max() < 0.5 < shade[:, -1].min()


def test_the_two_classes_have_their_own_markers(points):
    ax = Figure().subplots()
    cu.draw_points(ax, *points)
    zeros, ones = ax.lines
    assert zeros.get_marker() != ones.get_marker()
    assert len(zeros.get_xdata()) + len(ones.get_xdata()) == 30


def test_loss_surface_holds_the_loss_and_marks_the_end_of_the_path(points):
    X, y = points
    ax = Figure().subplots()
    path = np.array([[0.0, 0.0], [1.0, 0.5]])
    cu.draw_loss_surface(ax, X, y, 0.0, path, limit=3)
    line, end = ax.lines
    np.testing.assert_array_equal(line.get_xydata(), path)
    np.testing.assert_array_equal(end.get_xydata(), path[-1:])
    contour = ax.collections[0]
    level = contour.levels[4]
    w = contour.get_paths()[4].vertices[0]
    assert cu.binary_cross_entropy(X @ w, y)[0] == pytest.approx(level, rel=0.01)


def test_logistic_units_stand_side_by_side(shown, points):
    cu.plot_logistic_units(*points, [(1, 0, 0), (0, 1, 0.5)])
    [(fig, alt)] = shown
    assert len(fig.axes) == 4
    loss, _ = cu.binary_cross_entropy(points[0][:, 0], points[1])
    assert f"loss {loss:.3f}" in alt


def test_line_loss_is_drawn_with_its_lowest_point_and_the_marks_of_a_path(rng):
    x = rng.normal(2, 1, size=40)
    y = 3 * x - 1 + rng.normal(size=40)
    ax = Figure().subplots()
    path = {0: (0.0, 0.0), 1: (1.0, 0.5), 1000: (2.0, 1.0)}
    said = cu.draw_line_loss(ax, x, y, path, (-5, 5), (-4, 4), labelled=(1000,))
    steps, end, lowest = ax.lines
    np.testing.assert_array_equal(steps.get_xydata(), list(path.values()))
    np.testing.assert_array_equal(end.get_xydata(), [path[1000]])
    A = np.column_stack([x, np.ones(40)])
    w, b = np.linalg.lstsq(A, y)[0]
    np.testing.assert_allclose(lowest.get_xydata(), [(w, b)])
    assert [text.get_text() for text in ax.texts] == ["1,000"]
    assert said.endswith(f"w = 2.0, b = 1.0; the lowest point is at w = {w:.1f}, b = {b:.1f}.")
    contour = ax.collections[0]
    w, b = contour.get_paths()[4].vertices[0]
    assert np.mean((w * x + b - y) ** 2) == pytest.approx(contour.levels[4], rel=0.02)


def test_a_line_has_its_tangents_drawn_with_the_slope_of_the_loss(rng):
    x = rng.normal(2, 1, size=40)
    y = 3 * x - 1
    ax = Figure().subplots()
    said = cu.draw_line_slopes(ax, x, y, b=-1, weights=(0, 6), places=(1, 5))
    curve, tangent, point, *_ = ax.lines
    w, loss = curve.get_data()
    assert loss[50] == pytest.approx(np.mean((w[50] * x - 1 - y) ** 2))
    (x0, x1), (y0, y1) = tangent.get_data()
    assert (y1 - y0) / (x1 - x0) == pytest.approx(2 * np.mean((1 * x - 1 - y) * x))
    assert point.get_xydata()[0].tolist() == [1, pytest.approx(np.mean((1 * x - 1 - y) ** 2))]
    assert [text.get_text() for text in ax.texts] == ["slope negative", "slope positive"]
    assert "lowest near 3; at w = 1 the tangent's slope is negative" in said


def test_a_neuron_is_drawn_with_its_numbers():
    ax = Figure().subplots()
    said = cu.draw_neuron(ax, [0.5, -1.0, 2.0], [2.0, 1.0, -1.0], b=0.25)
    texts = [text.get_text() for text in ax.texts]
    a = 1 / (1 + np.exp(1.75))
    for expected in ("x3\n2.00", "w3 = -1", "b = 0.25", "z\n-1.75", f"σ(z)\n{a:.2f}"):
        assert expected in texts
    assert "2 · 0.50 + 1 · -1.00 + -1 · 2.00 + 0.25 = -1.75" in said


def test_recorded_curves_show_the_chosen_one_on_top(shown):
    curves = {(0.1, 8): [1.0, 0.5], (0.1, 32): [2.0, 1.5]}
    cu.plot_recorded_curves(curves, [(0.1, 32)])
    [(fig, alt)] = shown
    *grey, chosen, _ = fig.axes[0].lines
    assert [line.get_ydata()[0] for line in grey] == [1.0, 2.0]
    assert list(chosen.get_ydata()) == [2.0, 1.5]
    assert alt.endswith("batch size 32: from 2 to 1.5.")


def test_the_picture_file_carries_the_description():
    fig = Figure()
    fig.subplots()
    stored = Image.open(io.BytesIO(png(fig, "Empty axes.")))
    assert stored.text["Description"] == "Empty axes."


def test_show_displays_a_picture_with_its_alternative_text(monkeypatch):
    displayed = []
    monkeypatch.setattr("IPython.display.display", lambda data, **k: displayed.append((data, k)))
    fig = matplotlib.pyplot.figure(figsize=(2, 1), dpi=50)
    cu.show(fig, alt='A figure with x < 1 & "y".')
    [(data, options)] = displayed
    assert options == {"raw": True}
    assert data["text/plain"] == 'Figure: A figure with x < 1 & "y".'
    picture, _, description = data["text/html"].partition("<details>")
    said = "A figure with x &lt; 1 &amp; &quot;y&quot;."
    assert picture.startswith(f'<img alt="{said}" width="100" height="50" ')
    assert f"<summary>Description</summary>{said}</details>" in description
    assert matplotlib.pyplot.get_fignums() == []


def test_activations_stand_side_by_side_with_their_slopes(shown):
    cu.plot_activations([("sigmoid", 0), ("relu", 0), ("leaky_relu", -2)])
    [(fig, alt)] = shown
    assert len(fig.axes) == 6
    curve, tangent, point = fig.axes[0].lines
    np.testing.assert_allclose(curve.get_ydata(), cu.sigmoid(curve.get_xdata()))
    (x0, x1), (y0, y1) = tangent.get_xdata(), tangent.get_ydata()
    assert abs((y1 - y0) / (x1 - x0) - 0.25) < 1e-12
    assert (point.get_xdata()[0], point.get_ydata()[0]) == (0, 0.5)
    assert "value 0.500, slope 0.250." in alt
    assert "slope 0.000 by choice, for z = 0 is its corner." in alt
    assert "z = -2.0, and its derivative: value -0.200, slope 0.100." in alt


def test_a_network_is_drawn_with_every_connection():
    ax = Figure().subplots()
    alt = cu.draw_network(ax, [2, 4, 1])
    lines = [line for line in ax.lines if line.get_marker() == "None"]
    assert len(lines) == 2 * 4 + 4 * 1
    assert "from left to right 2, 4, 1;" in alt
    assert "784 (some drawn), 3;" in cu.draw_network(Figure().subplots(), [784, 3])


def test_a_dense_layer_is_drawn_as_rectangles_of_its_shapes():
    ax = Figure().subplots()
    alt = cu.draw_dense_layer(ax, N=5, D=3, H=4)
    assert len(ax.patches) == 5 * 3 + 3 * 4 + 4 + 5 * 4
    filled = [p for p in ax.patches if p.get_facecolor() != (1, 1, 1, 1)]
    assert len(filled) == 3 + 3 + 1 + 1  # a row of X, a column of W, its bias, one number of z
    texts = {text.get_text() for text in ax.texts}
    assert {"X  (N, D)", "W  (D, H)", "b  (H,)", "z  (N, H)"} <= texts
    assert "z with 5 rows and 4 columns" in alt


def test_a_forward_pass_is_drawn_from_the_picture_to_the_probabilities(shown, rng):
    image, hidden = rng.random(784), rng.random(30)
    logits = np.array([0.5, -1.0, 2.0])
    cu.plot_forward_pass(image, hidden, logits, cu.softmax(logits[None])[0], label=1)
    [(fig, alt)] = shown
    assert [ax.get_title() for ax in fig.axes] == [
        "784 inputs",
        "30 activations",
        "3 logits",
        "3 probabilities",
    ]
    np.testing.assert_array_equal(fig.axes[0].images[0].get_array(), image.reshape(28, 28))
    np.testing.assert_array_equal(fig.axes[1].images[0].get_array().ravel(), hidden)
    assert [bar.get_height() for bar in fig.axes[2].patches] == logits.tolist()
    assert "A handwritten 1, the 30 hidden" in alt
    assert alt.endswith("the largest, 0.79, is that of 2.")


def test_plot_softmax_tells_the_loss_and_the_gradient(shown):
    cu.plot_softmax([((2.0, 1.0, 0.0), 0), ((2.0, 1.0, 0.0), 2)])
    [(_, alt)] = shown
    loss, gradient = cu.softmax_cross_entropy(np.array([[2.0, 1.0, 0.0]]), np.array([2]))
    assert f"true class 2 the cross-entropy is {loss:.3f}" in alt
    assert f"{gradient[0, 2]:.3f}." in alt


def test_the_bell_over_the_errors_has_their_spread(shown, rng):
    errors = 10 * rng.normal(size=1000)
    cu.plot_errors(errors)
    [(fig, alt)] = shown
    [bell] = fig.axes[0].lines
    grid, density = bell.get_data()
    assert np.trapezoid(density, grid) == pytest.approx(1, abs=0.01)
    assert np.trapezoid(density * grid**2, grid) == pytest.approx(errors.var(), rel=0.03)
    assert f"{np.mean(abs(errors) < errors.std()):.0%}" in alt


def test_the_lowest_points_of_two_losses_are_marked(shown):
    slopes = np.linspace(0, 4, 41)
    cu.plot_likelihood(slopes, (slopes - 1) ** 2, (slopes - 3) ** 2)
    [(fig, alt)] = shown
    assert [ax.lines[1].get_xdata()[0] for ax in fig.axes] == pytest.approx([1, 3])
    assert "squared error, lowest at 1.0, " in alt
    assert "likelihood, lowest at 3.0." in alt


def test_losses_over_the_logit_are_told_at_three_places(shown):
    z = np.linspace(-8, 4, 121)
    a = cu.sigmoid(z)
    cu.plot_losses_when_1(z, (a - 1) ** 2, -np.log(a))
    [(fig, alt)] = shown
    squared, cross_entropy = fig.axes[0].lines
    assert squared.get_ydata()[0] == (a[0] - 1) ** 2
    assert cross_entropy.get_ydata()[-1] == -np.log(a[-1])
    assert "at z = -8, -4, 4. The cross-entropy: 8.00, 4.02, 0.02." in alt


def test_the_centred_difference_is_nearer_to_the_tangent(shown):
    cu.plot_differences()
    [(fig, alt)] = shown
    slopes = []
    for ax in fig.axes:
        (x0, x1), (y0, y1) = ax.lines[2].get_data()
        slopes.append((y1 - y0) / (x1 - x0))
    assert slopes == [4.75, 3.25]
    assert "has slope 4.75. The centred chord from 0.5 to 1.5 has slope 3.25." in alt


def test_the_confusion_matrix_tells_the_commonest_mistakes(shown):
    true, predicted = [0, 0, 1, 1, 1, 1], [0, 0, 1, 2, 2, 0]
    cu.plot_confusion(true, predicted, ["coat", "shirt", "bag"])
    [(fig, alt)] = shown
    counts = [[2, 0, 0], [1, 1, 2], [0, 0, 0]]  # no bag is there, and it has a row
    assert fig.axes[0].images[0].get_array().tolist() == counts
    assert "mistakes: shirt called bag, 2 times; shirt called coat, 1 times." in alt


def test_precision_and_recall_are_drawn_with_the_chosen_threshold(shown):
    cu.plot_precision_recall([0.1, 0.5, 0.9], [0.4, 0.6, 1.0], [1.0, 0.8, 0.3], 0.5, "60 samples")
    [(fig, alt)] = shown
    precision, recall, chosen = fig.axes[0].lines
    assert precision.get_ydata().tolist() == [0.4, 0.6, 1.0]
    assert recall.get_xdata().tolist() == [0.1, 0.5, 0.9]
    assert chosen.get_xdata()[0] == 0.5
    assert "on 60 samples. Recall goes from 1.00 to 0.30, precision from 0.40 to 1.00." in alt


@pytest.mark.parametrize("inputs", [(2.0, 1.0, -1.5, 1.0), (-2.0, 1.5, 0.5, 3.0)])
def test_the_steps_through_the_graph_end_at_the_gradient(inputs):
    gradients = {}
    for _, _, new in backprop_steps(*inputs):
        gradients.update(new)

    def loss(v):
        x, w1, w2, y = v
        return (max(x * w1, 0) + x * w2 - y) ** 2

    numerical = cu.numerical_gradient(loss, np.array(inputs))
    np.testing.assert_allclose([gradients[n] for n in ("x", "w1", "w2", "y")], numerical, atol=1e-8)


def test_a_drawn_graph_shows_what_the_step_has_worked_out():
    ax = Figure().subplots()
    said = draw_backprop(ax, 8, 2.0, 1.0, -1.5, 1.0)
    texts = [text.get_text() for text in ax.texts]
    assert "dr = -4.00" in texts
    assert not any(text.startswith("ds =") for text in texts)
    assert said.endswith("dr is -4.00.")


@pytest.mark.parametrize("step", range(14))
def test_arrows_end_at_their_boxes_where_no_number_hides_them(step):
    fig = Figure(figsize=(6.8, 3), dpi=90, layout="none")
    ax = fig.add_axes((0.01, 0.01, 0.98, 0.84))
    draw_backprop(ax, step, 2.0, 1.0, -1.5, 1.0)
    FigureCanvasAgg(fig).draw()
    boxes, numbers = [], []
    for text in ax.texts:
        if text.get_bbox_patch() is not None:
            is_box = text.get_va() == "center"
            (boxes if is_box else numbers).append(text.get_bbox_patch().get_window_extent())
    arrows = [text.arrow_patch for text in ax.texts if getattr(text, "arrow_patch", None)]
    assert len(arrows) >= len(ARROWS)
    assert len(numbers) >= 4
    for arrow in arrows:
        if arrow.get_facecolor() == (1, 1, 1, 1):  # over a grey one, below a dashed one
            continue
        path = arrow.get_path()
        drawn = path.vertices[path.codes != path.CLOSEPOLY]  # which has no place
        for end in (drawn[drawn[:, 0].argmin()], drawn[drawn[:, 0].argmax()]):
            assert any(box.padded(6).contains(*end) for box in boxes)
        assert not any(box.contains(*point) for box in numbers for point in drawn)


def parts_of_a_graph(end, names):
    ax = Figure(figsize=(9, 4)).add_axes((0, 0, 1, 1))
    said = draw_graph(ax, end, names)
    boxes = {t.get_text(): t.get_position() for t in ax.texts if t.get_va() == "center"}
    return said, boxes, [text.get_text() for text in ax.texts]


def test_a_graph_is_drawn_from_what_its_tensors_remember():
    x, w = cu.Tensor(2.0, requires_grad=True), cu.Tensor(-1.5, requires_grad=True)
    y = (x * w - 1).relu()
    y.backward()
    said, boxes, texts = parts_of_a_graph(y, {"x": x, "w": w, "y": y})
    assert {"x", "w", "*", "1", "-", "y = relu"} <= set(boxes)
    for left, right in (("x", "*"), ("w", "*"), ("*", "-"), ("1", "-"), ("-", "y = relu")):
        assert boxes[left][0] < boxes[right][0]
    assert texts.count("grad 0") == 4  # x, w, the product and the difference; none of the constant
    assert "x is 2, its gradient 0;" in said
    assert "- is -4, its gradient 0, slopes 1 and -1;" in said


def test_no_two_boxes_of_a_graph_have_one_place():
    a, b = cu.Tensor(1.0, requires_grad=True), cu.Tensor(2.0, requires_grad=True)
    end = (a * b + a / b) * (a - b) + a * a
    end.backward()
    places = list(_places(end.graph()).values())
    assert len(set(places)) == len(places)
    for (column, row), (other_column, other_row) in itertools.combinations(places, 2):
        assert column != other_column or abs(row - other_row) >= 1


def test_a_graph_of_arrays_shows_their_shapes():
    W = cu.Tensor(np.ones((4, 3)), requires_grad=True)
    loss = (np.ones((6, 4)) @ W).mean()
    loss.backward()
    said, _, texts = parts_of_a_graph(loss, {"W": W})
    assert "W is (4, 3), its gradient (4, 3);" in said
    assert "grad (4, 3)" in texts


def test_the_products_of_the_way_back_fit_their_shapes(shown):
    cu.plot_backward_products()
    [(fig, _)] = shown
    for ax, name in zip(fig.axes, ("dW", "dx"), strict=True):
        labels = [text.get_text() for text in ax.texts if "(" in text.get_text()]
        result, left, right = (label.split("(")[1].strip(")").split(", ") for label in labels)
        assert labels[0].startswith(name)
        assert left[1] == right[0]
        assert result == [left[0], right[1]]


def test_the_chart_of_the_training_loop_says_what_is_handed_on(shown):
    cu.plot_training_loop()
    [(fig, alt)] = shown
    texts = {text.get_text() for text in fig.axes[0].texts}
    assert {"forward", "loss", "backward", "step", "output", "da", "dW, db"} <= texts
    assert alt.startswith("Four boxes in a row")


def test_numbers_stand_in_their_squares_shaded_on_both_sides_of_zero():
    ax = Figure().subplots()
    cu.draw_numbers(ax, [[1, -0.004, 0.125], [-2, 0.5, 3]], "some numbers")
    texts = {text.get_position(): text.get_text() for text in ax.texts}
    assert texts[0, 0] == "1"
    assert texts[1, 0] == "0"  # not -0
    assert texts[2, 0] == "0.12"
    assert texts[0, 1] == "-2"
    assert ax.images[0].get_clim() == (-3, 3)
    assert ax.get_title() == "some numbers"


@pytest.mark.parametrize("draw", [cu.draw_numbers, cu.draw_signed])
def test_zero_has_the_middle_colour_whatever_is_drawn(draw):
    for values, limit, expected in (
        (np.array([[1.0, -4.0]]), None, 4),
        (np.array([[1.0, -4.0]]), 6, 6),
        (np.zeros((2, 2)), None, 1),
    ):
        ax = Figure().subplots()
        draw(ax, values, "title", limit=limit)
        assert ax.images[0].get_clim() == (-expected, expected)
        np.testing.assert_array_equal(ax.images[0].get_array(), values)
        assert ax.get_title() == "title"


def test_a_convolution_is_drawn_with_the_sums_of_its_windows(rng):
    image, kernel = rng.random((9, 7)), rng.normal(size=(3, 3))
    axes = Figure().subplots(1, 3)
    said = draw_convolution(axes, image, kernel)
    drawn = axes[2].images[0].get_array()
    assert drawn.shape == (7, 5)
    assert drawn[2, 1] == pytest.approx(np.sum(image[2:5, 1:4] * kernel))
    np.testing.assert_array_equal(axes[0].images[0].get_array(), image)
    np.testing.assert_array_equal(axes[1].images[0].get_array(), kernel)
    assert "A picture of 9 × 7 pixels; the kernel " in said
    assert f"from {drawn.min():.2f} to {drawn.max():.2f}." in said


def test_convolutions_stand_below_each_other(shown, rng):
    examples = [(rng.random((6, 6)), np.ones((3, 3))), (np.zeros((6, 6)), -np.eye(3))]
    cu.plot_convolutions(examples)
    [(fig, alt)] = shown
    assert len(fig.axes) == 6
    assert "the kernel 1, 1, 1 / 1, 1, 1 / 1, 1, 1; and the feature map of 4 × 4" in alt
    assert "the kernel -1, 0, 0 / 0, -1, 0 / 0, 0, -1;" in alt
    assert alt.endswith("with values from 0.00 to 0.00.")


def test_windows_show_their_pixels_and_the_sum_of_their_products(shown, rng):
    image, kernel = rng.random((8, 9)), rng.normal(size=(3, 3))
    cu.plot_windows(image, kernel, [(0, 4), (5, 2)])
    [(fig, alt)] = shown
    window = image[5:8, 2:5]
    np.testing.assert_array_equal(fig.axes[5].images[0].get_array(), window)
    assert fig.axes[7].get_title() == f"products, sum {np.sum(window * kernel):.2f}"
    assert fig.axes[4].patches[0].get_xy() == (1.5, 4.5)
    assert f"{np.sum(window * kernel):.2f}." in alt


def test_kernels_stand_above_their_feature_maps(shown, rng):
    image, kernel = rng.random((6, 5)), rng.normal(size=(2, 2))
    cu.plot_kernels(image, {"one": np.ones((2, 2)), "other": kernel})
    [(fig, alt)] = shown
    titles = [ax.get_title() for ax in fig.axes]
    assert titles == ["", "one", "other", "the picture", "", ""]
    expected = cu.conv2d(image[None, :, :, None], kernel[:, :, None, None], np.zeros(1))[0, :, :, 0]
    np.testing.assert_allclose(fig.axes[5].images[0].get_array(), expected, atol=1e-8)
    assert f"other from {expected.min():.1f} to {expected.max():.1f}" in alt


@pytest.mark.parametrize(
    ("stride", "padding", "count"), [(1, 0, 5), (2, 0, 3), (1, 1, 7), (3, 1, 3)]
)
def test_places_of_a_window_are_dots_in_their_middles(stride, padding, count):
    ax = Figure().subplots()
    assert draw_places(ax, 7, 3, stride, padding) == count == cu.output_size(7, 3, stride, padding)
    [dots] = ax.lines
    assert len(dots.get_xdata()) == count**2
    assert min(dots.get_xdata()) == 1 - padding
    assert len(ax.texts) == (7 + 2 * padding) ** 2 - 49
    assert len(ax.patches) == 2


def test_settings_of_places_are_told(shown):
    cu.plot_places(7, 3, [(1, 0), (2, 1)])
    [(fig, alt)] = shown
    assert [ax.get_title() for ax in fig.axes] == [
        "stride 1, padding 0: 5 × 5",
        "stride 2, padding 1: 4 × 4",
    ]
    assert "5 by 5 with stride 1 and padding 0, 4 by 4 with stride 2 and padding 1." in alt


def test_channels_are_drawn_behind_one_another(shown):
    cu.plot_channels()
    [(fig, alt)] = shown
    assert len(fig.axes[0].patches) == 2 * (3 + 3 + 5)
    assert "three squares deep" in alt


class Sure:
    """A network that always gives the same logits."""

    def __init__(self, answer):
        self.logits = 5.0 * np.eye(10)[[answer]]

    def predict(self, images):
        assert images.shape == (1, 6, 5, 1)
        return self.logits


def test_answers_stand_beside_the_picture(shown, rng):
    image = rng.random((6, 5))
    cu.plot_answers({"CNN": Sure(3), "MLP": Sure(8)}, [(image, 3), (image, 4)])
    [(fig, alt)] = shown
    assert len(fig.axes) == 6
    np.testing.assert_array_equal(fig.axes[0].images[0].get_array(), image)
    heights = [bar.get_height() for bar in fig.axes[1].patches]
    assert heights == pytest.approx(cu.softmax(5.0 * np.eye(10)[3]))
    assert fig.axes[2].get_title() == "MLP:\n8, wrong"
    assert [bar.get_hatch() is not None for bar in fig.axes[5].patches].index(True) == 4
    assert alt.startswith("A picture of a 3: the CNN says 3 with probability 0.94, the MLP says 8 ")


@pytest.mark.parametrize("down", [-2, 0, 3])
@pytest.mark.parametrize("right", [-1, 0, 4])
def test_a_picture_is_moved_and_paper_comes_in(rng, down, right):
    image = rng.random((6, 5))
    expected = np.pad(image, 9)[9 - down : 15 - down, 9 - right : 14 - right]
    np.testing.assert_array_equal(moved(image, down, right), expected)


def test_polynomials_are_fitted_to_points_around_the_curve(shown):
    cu.plot_polynomials(degrees=(1, 15), counts=(20, 200))
    [(fig, alt)] = shown
    assert [ax.get_title() for ax in fig.axes][2] == "degree 1, 200 points"
    assert alt.count("generalisation error") == 4
    few, many = (polynomials.fits(15, N) for N in (20, 200))
    x = np.linspace(-2, 2, 20)
    same = np.polynomial.Polynomial.fit(x, few[0][3], 15)(polynomials.PLACES)
    np.testing.assert_allclose(few[1][3], same, atol=1e-6)
    assert few[2] < many[2] < polynomials.NOISE**2 < many[3] < few[3]
    np.testing.assert_allclose(
        fig.axes[0].lines[-1].get_ydata(), polynomials.fits(1, 20)[1].mean(0)
    )


def test_attacks_are_drawn_with_their_change_and_the_true_class_hatched(shown, rng):
    network = cu.Sequential([cu.Dense(3)], input_shape=9, rng=rng)
    images, labels = rng.random((4, 9)), np.array([2, 0, 1, 1])
    cu.plot_attacks(network, images, labels, [1, 3], epsilons=(0, 0.1))
    [(fig, alt)] = shown
    axes = np.reshape(fig.axes, (2, 2, 3))
    for row, epsilon in enumerate((0, 0.1)):
        picture, change, bars = axes[row, 1]
        drawn = picture.images[0].get_array().ravel()
        np.testing.assert_array_equal(drawn, attacked(network, images[3], 1, epsilon))
        np.testing.assert_allclose(change.images[0].get_array().ravel(), drawn - images[3])
        assert [bool(bar.get_hatch()) for bar in bars.patches] == [False, True, False]
    assert "A 0 with epsilon 0.10: the network says" in alt


def test_letter_pairs_are_drawn_as_they_are(shown, rng):
    shares = rng.random((27, 27))
    shares[17, 21] = 2
    cu.plot_letter_pairs(shares)
    [(fig, alt)] = shown
    np.testing.assert_array_equal(fig.axes[0].images[0].get_array(), shares)
    assert "Darkest is u after q, 2.00." in alt


def test_attention_is_drawn_for_the_letters_that_are_there(shown, rng):
    weights = rng.random((2, 3, 9, 9))
    weights[1, 2, 3, 1] = 5
    cu.plot_attention(["cat", "ox"], weights)
    [(fig, alt)] = shown
    assert len(fig.axes) == 6
    np.testing.assert_array_equal(fig.axes[2].images[0].get_array(), weights[0, 2, :4, :4])
    np.testing.assert_array_equal(fig.axes[3].images[0].get_array(), weights[1, 0, :3, :3])
    assert "In .cat each sign looks most: " in alt


def test_sizes_by_depth_are_drawn_within_the_panel(shown):
    def measure(depth, initializer, cure):
        return np.full(depth, 2.0), np.geomspace(1e-30, 1e20, depth)

    cu.plot_depth(measure, [(3, "He", "none"), (5, "std 1", "residual")])
    [(fig, alt)] = shown
    inputs, gradients = fig.axes[1], fig.axes[3]
    assert inputs.lines[0].get_xydata().tolist() == [[i, 2.0] for i in range(1, 6)]
    assert gradients.lines[0].get_ydata()[[0, -1]].tolist() == [1e-12, 1e12]
    assert "3 layers, He, none: size of the input from 2.0e+00 in layer 1" in alt
    assert "size of dW from 1.0e-30 in layer 1 to 1.0e+20 in the last." in alt


def test_histograms_of_gradients_tell_the_order_of_magnitude():
    ax = Figure().subplots()
    gradients = [np.array([0.0, 1e-5, 1e-5]), np.array([1e-3, 1e-3]), np.array([0.1])]
    said = cu.draw_gradient_histograms(ax, gradients)
    assert said == "layer 1 around 1e-5, layer 2 around 1e-3, layer 3 around 1e-1"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "layer 1", "layer 2", "layer 3",
    ]  # fmt: skip


def test_letters_in_a_figure_stand_out_from_the_paper():
    """By the contrast that WCAG asks for, 4.5 to 1."""
    fig = Figure()
    left, right = fig.subplots(1, 2)
    draw_backprop(left, 13, 2.0, 1.0, -1.5, 1.0)
    x = cu.Tensor(3.0, requires_grad=True)
    y = x * x + 1
    y.backward()
    draw_graph(right, y, {"x": x})
    letters = [text for text in fig.findobj(Text) if text.get_text()]
    assert len({text.get_color() for text in letters}) > 1
    for text in letters:
        rgb = np.array(to_rgb(text.get_color()))
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        contrast = 1.05 / (linear @ [0.2126, 0.7152, 0.0722] + 0.05)
        assert contrast >= 4.5, text
