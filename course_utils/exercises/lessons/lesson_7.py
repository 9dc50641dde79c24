"""Lesson 7, MLP against CNN: its exercises."""

# ruff: noqa: B905  (the references show what stands in the notebook: zip without strict)

import numpy as np

from ...network import Sequential
from ..authoring import Exercise, Slip


def combine_gradients(gradients, rows):
    """The gradient of the mean over a whole batch, from those of its parts.

    gradients is a list of arrays of one shape, each the gradient of the mean over its part,
    and rows is a list of whole numbers, how many rows each part has. Returns an array.
    """
    total = 0
    for gradient, n in zip(gradients, rows):
        total = total + n * gradient
    return total / sum(rows)


def _parts(rng, workers=3, shape=(2, 4)):
    gradients = [rng.normal(size=shape).round(2) for _ in range(workers)]
    return {"gradients": gradients, "rows": (2 + rng.permutation(2 * workers))[:workers].tolist()}


def _running_weighted_mean(gradients, rows):
    mean, N = gradients[0], rows[0]
    for gradient, n in zip(gradients[1:], rows[1:]):
        mean, N = (N * mean + n * gradient) / (N + n), N + n
    return mean


workers = Exercise(
    "7.1",
    combine_gradients,
    returns="gradient",
    inputs=_parts,
    sizes=[{"workers": 2, "shape": (3,)}, {"shape": (2, 2, 1, 4)}, {"workers": 1}],
    errors=dict.fromkeys(
        ("einstein sum", "for array of dimension"),
        "The gradients may have any number of axes: a loop over zip(gradients, rows) works for "
        "all.",
    ),
    hints=[
        "Each gradient is a mean over its rows. What is the sum over the rows of a part?",
        "n * gradient is the sum over a part with n rows. Add up the parts. By what must the total "
        "be divided to be a mean again?",
        "Add up n * gradient for all pairs in zip(gradients, rows), then divide by sum(rows).",
    ],
    misconceptions=[
        Slip("All parts count the same here. A part with more rows weighs more: multiply each "
             "gradient by its rows, and divide by all rows.",
             "n * gradient", "gradient", "sum(rows)", "len(rows)"),
        Slip("Right for arrays of two axes only. A loop over zip(gradients, rows) works for any "
             "number of axes.", "return total",
              "return (np.reshape(rows, (-1, 1, 1)) * gradients).sum(axis=0)"),
        Slip("The gradients were added up. Each is a mean already: multiply each by its rows, and "
             "divide the total by all rows.", "n * gradient", "gradient", " / sum(rows)", ""),
        Slip("This is the sum over all rows. Divide it by sum(rows): the mean is wanted.",
             " / sum(rows)", ""),
        Slip("The total was divided by the number of parts. It is a sum over rows: divide it by "
             "sum(rows).", "sum(rows)", "len(rows)"),
        Slip("Only the first part was counted. Does the return stand inside the loop?",
             "\n    return", "\n        return"),
        Slip("Only the last part is left: add to the total, with +=, and don't replace it.",
             "total + n", "n"),
        Slip("Only the first two parts were used. There may be any number of them: loop over "
             "zip(gradients, rows).",
             "zip(gradients, rows)", "zip(gradients[:2], rows)", "sum(rows)", "sum(rows[:2])"),
        Slip("The first gradient was counted once too often: the total began with it. Begin with "
             "0, or with np.zeros_like(gradients[0]).", "total = 0", "total = gradients[0]"),
        Slip("The first part was not multiplied by its rows: the total began with gradients[0] as "
             "it is. Begin with 0, and treat all parts alike.",
             "total = 0", "total = gradients[0]",
             "zip(gradients, rows)", "zip(gradients[1:], rows[1:])"),
        Slip("The total was divided in each round of the loop. Add up everything, then divide "
             "once, after the loop.", "total + n * gradient", "(total + n * gradient) / sum(rows)",
             "return total / sum(rows)", "return total"),
        Slip("This is one number, the mean of everything. The gradient has the shape of each "
             "part's: with np.mean or np.average, axis=0 goes over the parts only.",
             "total / sum(rows)", "np.mean(gradients)"),
        Slip("The parts are still apart: add up what each gives to one array.",
             "total / sum(rows)", "[n * g / sum(rows) for g, n in zip(gradients, rows)]"),
    ],
    variants=[
        _running_weighted_mean,
        lambda gradients, rows: np.average(gradients, axis=0, weights=rows),
        lambda gradients, rows: np.tensordot(rows, gradients, axes=1) / sum(rows),
        lambda gradients, rows: np.einsum(
            "p,p...->...", np.array(rows) / np.sum(rows), np.stack(gradients)
        ),
        lambda gradients, rows: sum(g * (n / sum(rows)) for g, n in zip(gradients, rows)),
    ],
)  # fmt: skip


def count_parameters(size, channels, filters, k, classes):
    """How many parameters a small CNN has, all weights and biases.

    Its images have size × size pixels and so many channels. For each number F in the list
    filters it has a convolution with F filters of k × k (stride 1, no padding) and max-pooling
    by 2. Then one dense layer makes the logits of the classes. Returns a whole number.
    """
    total = 0
    for F in filters:
        total += k * k * channels * F + F
        size = (size - k + 1) // 2
        channels = F
    return total + size * size * channels * classes + classes


def _small_cnn(rng, size=28, channels=3, k=5, classes=10, filters=(8, 16)):
    return {
        "size": size,
        "channels": channels,
        "filters": list(filters),
        "k": k,
        "classes": classes,
    }


def _count_by_network(size, channels, filters, k, classes):
    """Each layer's shapes written down first, and counted afterwards."""
    shapes, C = [], channels
    for F in filters:
        shapes += [(k, k, C, F), (F,)]
        size, C = int((size - k + 1) / 2), F
    shapes += [(size**2 * C, classes), (classes,)]
    return sum(int(np.prod(shape)) for shape in shapes)


def _count_backwards(size, channels, filters, k, classes):
    deep = [channels, *filters]
    kernels = sum((k**2 * C + 1) * F for C, F in zip(deep[:-1], filters))
    for _ in filters:
        size = (size - k + 1) // 2
    return kernels + (deep[-1] * size**2 + 1) * classes


WEIGHTS = "k * k * channels * F"
parameters = Exercise(
    "7.2",
    count_parameters,
    returns="count",
    inputs=_small_cnn,
    sizes=[
        {"filters": (4,), "size": 13, "k": 3},
        {"filters": (4, 7, 5), "size": 30, "k": 3, "channels": 1},
        {"filters": (6, 3), "size": 17, "k": 2, "classes": 4},
    ],
    hints=[
        "A convolution has a kernel for each filter. How deep is a kernel, and how many numbers "
        "does it hold? Does the size of the image matter for it?",
        "One convolution: k * k * channels * F weights and F biases. Behind it, there are F "
        "channels, and the image has (size - k + 1) // 2 pixels along each side.",
        "Go through the list: add up the parameters, then give size and channels their new values. "
        "The dense layer gets size * size * channels numbers for each image.",
    ],
    misconceptions=[
        Slip("The biases of the convolutions are missing: each filter has one.",
             "F + F", "F"),
        Slip("The biases of the dense layer are missing: each class has one.", " + classes", ""),
        Slip("All biases are missing: each filter and each class has one.",
             "F + F", "F", " + classes", ""),
        Slip("The kernels were taken to be one channel deep. A kernel covers all channels that "
             "come in: k * k * channels weights for each filter.", WEIGHTS, "k * k * F"),
        Slip("The channels stayed those of the image. What comes out of a convolution has as many "
             "channels as it has filters, and the next layer gets those.",
             "        channels = F\n", "", "size * size * channels", "size * size * filters[-1]"),
        Slip("The channels stayed those of the image. Behind a convolution there are as many as "
             "it has filters.", "        channels = F\n", ""),
        Slip("The pooling was left out: it halves the rows and the columns, so the dense layer "
             "gets a quarter of the numbers.", ") // 2", ")"),
        Slip("The pooling halves rows and columns, and here only their product was halved: "
             "size = (size - k + 1) // 2 along each side.",
             ") // 2", ")", "size * size * channels",
             "size * size * channels // 2 ** len(filters)"),
        Slip("The convolution was counted as if it kept the size of the image. Without padding "
             "there are size - k + 1 places along each side.", "(size - k + 1)", "size"),
        Slip("The last 1 of size - k + 1 is missing.", "size - k + 1", "size - k"),
        Slip("Every place was given weights of its own. All places share one kernel: its weights "
             "count once.", WEIGHTS, f"(size - k + 1) ** 2 * {WEIGHTS}"),
        Slip("Each bias was counted once for each channel. A filter has one bias: the products of "
             "all channels are added up before it.", "F + F", "F + channels * F"),
        Slip("The dense layer gets one number for each channel here. Flatten gives it every number "
             "of every map: size * size * channels.", "size * size * channels", "channels"),
        Slip("The dense layer is missing.",
             "total + size * size * channels * classes + classes", "total"),
        Slip("Only the first convolution was counted. Does the return stand inside the loop?",
             "\n    return", "\n        return"),
        Slip("Only the last convolution was counted: add to the total, with +=.",
             "total += ", "total = "),
        Slip("This is a float. Divide with //: half a pixel is left out.", "// 2", "/ 2"),
    ],
    variants=[_count_by_network, _count_backwards],
    library=(Sequential,),
)  # fmt: skip


def compare(right_a, right_b):
    """How much more accurate classifier a is than b on the same samples, and how sure that is.

    right_a and right_b are (N,): True where the classifier was right, or, of several seeds, the
    share that was. Returns the difference of the two accuracies, a minus b, and its standard
    error, taken from the N differences.
    """
    d = right_a.astype(float) - right_b
    return d.mean(), d.std() / np.sqrt(len(d))


def _answers_of_two(rng, N=12, seeds=1):
    """Both are often right, b less often, and mostly where a is right too."""
    right_a = rng.permutation(N) >= max(1, N // 5)
    right_b = right_a & (rng.permutation(N) >= max(1, N // 3))
    wrong = np.flatnonzero(~right_a)
    right_b[wrong[0]] = True
    if seeds > 1:
        right_a, right_b = (
            np.mean([rng.permutation(right) for _ in range(seeds)], axis=0)
            for right in (right_a, right_b)
        )
    return {"right_a": right_a, "right_b": right_b}


def _compare_by_squares(right_a, right_b):
    N = len(right_a)
    difference = np.sum(1.0 * right_a) / N - np.sum(1.0 * right_b) / N
    squares = np.sum((1.0 * right_a - 1.0 * right_b) ** 2) / N
    return difference, np.sqrt((squares - difference**2) / N)


def _compare_by_loop(right_a, right_b):
    d = [float(a) - float(b) for a, b in zip(right_a, right_b)]
    mean = sum(d) / len(d)
    return mean, np.sqrt(sum((x - mean) ** 2 for x in d)) / len(d)


ERROR = "d.std() / np.sqrt(len(d))"
pairs = Exercise(
    "7.3",
    compare,
    returns=("difference", "standard_error"),
    inputs=_answers_of_two,
    sizes=[{"N": 30}, {"N": 80}, {"seeds": 3}],
    errors={
        "boolean subtract": "NumPy does not subtract True and False. Make numbers of them first: "
        "right_a.astype(float), or 1.0 * right_a. Both make a new array: keep it.",
    },
    hints=[
        "For one sample, a - b is 1 where only a was right, -1 where only b was, and 0 where both "
        "were, or neither. What is the mean of these N numbers?",
        "d = right_a.astype(float) - right_b. Its mean is the difference of the accuracies. The "
        "standard error of a mean is the standard deviation divided by ... ?",
        "Return d.mean(), d.std() / np.sqrt(len(d)).",
    ],
    misconceptions=[
        Slip("The standard error is that of two separate groups of samples, put together: "
             "the root of the sum of both squares. Both answered the same samples: take the "
             "standard deviation of the N differences.",
             ERROR, "np.sqrt((right_a.var() + right_b.var()) / len(d))"),
        Slip("The two standard errors were added up. Both answered the same samples: take the "
             "differences first, then their standard deviation.",
             ERROR, "(right_a.std() + right_b.std()) / np.sqrt(len(d))"),
        Slip("The standard error is a difference of two standard errors. Take the differences of "
             "the answers first, sample by sample, then their standard deviation.",
             ERROR, "abs(right_a.std() - right_b.std()) / np.sqrt(len(d))"),
        Slip("This is the standard deviation of one difference. That of their mean is smaller: "
             "divide by the root of N.", " / np.sqrt(len(d))", ""),
        Slip("The standard deviation was divided by N. A mean's error falls with the root of N: "
             "/ np.sqrt(N).", "np.sqrt(len(d))", "len(d)"),
        Slip("This is the square of the standard error: the variance, divided by N. Take the root.",
             ERROR, "d.var() / len(d)"),
        Slip("The differences without their sign: a sample that only b got right counts for a. "
             "Keep the -1.", "- right_b", "- right_b\n    d = abs(d)"),
        Slip("The sign is wrong: it is a minus b.",
             "right_a.astype(float) - right_b", "right_b.astype(float) - right_a"),
        Slip("These are counts. An accuracy is a part of all samples: take the mean, not the sum.",
             "d.mean()", "d.sum()"),
        Slip("Samples on which both agree were left out. They count as 0: they are part of the N.",
             "- right_b", "- right_b\n    d = d[d != 0]"),
        *(Slip("Right for True and False. Of several seeds the inputs are shares, such as 1/3, and "
               "here they became whole numbers: use float in place of int.",
               "right_a.astype(float) - right_b", instead)
          for instead in ("right_a.astype(int) - right_b.astype(int)",
                          "(right_a != 0).astype(float) - (right_b != 0)")),
        Slip("The standard error is of a alone. Take the standard deviation of the differences d.",
             "d.std()", "right_a.std()"),
        Slip("The standard error was taken as that of an accuracy, root of p (1 - p) / N, with the "
             "difference for p. The differences are -1, 0 and 1: use their standard deviation.",
             ERROR, "np.sqrt(abs(d.mean()) * (1 - abs(d.mean())) / len(d))"),
        Slip("The standard error was doubled. Return one of them; two make an interval of about "
             "95 per cent.", "d.std()", "2 * d.std()"),
        Slip("Divided by N - 1 in the standard deviation (ddof=1). Here it is NumPy's own, "
             "which divides by N.", "d.std()", "d.std(ddof=1)"),
    ],
    variants=[
        _compare_by_squares,
        _compare_by_loop,
        lambda right_a, right_b: (
            np.mean(right_a) - np.mean(right_b),
            np.std(1.0 * right_a - 1.0 * right_b) / len(right_a) ** 0.5,
        ),
    ],
)  # fmt: skip


def receptive_field(layers):
    """How many pixels of the image, along one axis, a number of the last map depends on.

    layers is a list of pairs (kernel size, stride), from the first layer to the last; pooling
    by 2 is (2, 2). Returns a whole number.
    """
    field, step = 1, 1  # of the image itself: one pixel sees one pixel
    for k, stride in layers:
        field += (k - 1) * step
        step *= stride
    return field


def _stack(rng, layers=((5, 2), (3, 1), (2, 2), (4, 3), (3, 1))):
    return {"layers": list(layers)}


def _field_from_the_end(layers):
    """From the last number back: n numbers of a map are made from (n - 1) · stride + k."""
    field = 1
    for k, stride in layers[::-1]:
        field = (field - 1) * stride + k
    return field


def _field_by_marking(layers):
    seen = {0}
    for k, stride in reversed(layers):
        seen = {place * stride + i for place in seen for i in range(k)}
    return max(seen) - min(seen) + 1


field_size = Exercise(
    "7.4",
    receptive_field,
    returns="pixels",
    inputs=_stack,
    sizes=[
        {"layers": layers}
        for layers in (((3, 1), (3, 1)), ((7, 3),), ((2, 2), (2, 2), (2, 2)), ((3, 1), (3, 2)),
                       ((5, 1), (2, 2), (5, 1), (2, 2)), ((1, 1), (4, 1)))
    ],
    hints=[
        "One convolution of 3 sees 3 pixels. On top of it a second one sees 3 numbers of the first "
        "map. How far apart in the image are the windows of these neighbours?",
        "Each layer adds k - 1 neighbours. How many pixels of the image lie between neighbours of "
        "the map that it reads? Strides so far, multiplied, say so.",
        "Begin with field = 1 and step = 1. For each layer: field += (k - 1) * step, and after "
        "that step *= stride.",
    ],
    misconceptions=[
        Slip("The strides were left out. Behind a layer with stride 2, neighbours of the map are 2 "
             "pixels of the image apart, so a window there covers twice as much.",
             "        step *= stride\n", ""),
        Slip("A layer's own stride was counted for its own window. It moves the windows apart for "
             "the layers behind it: first add to the field, then multiply the step.",
             "(k - 1) * step", "(k - 1) * step * stride"),
        Slip("The kernel sizes were added up. Neighbours' windows overlap: each layer adds k - 1.",
             "(k - 1) * step", "k * step", "field, step = 1, 1", "field, step = 0, 1"),
        Slip("Each layer adds k - 1, not k: the first of the k is there already.",
             "(k - 1) * step", "k * step"),
        Slip("The kernel sizes were multiplied, as if windows of neighbours lay side by side. They "
             "overlap: each layer adds (k - 1) times the step between neighbours.",
             "+= (k - 1) * step", "*= k"),
        Slip("The one pixel at the start is missing: without any layer, a number sees 1 pixel.",
             "field, step = 1, 1", "field, step = 0, 1"),
        Slip("The strides were added up. A stride of 2 behind a stride of 2 moves by 4 pixels: "
             "multiply them.", "step *= stride", "step += stride"),
        Slip("Only the stride of the layer before was used. All strides so far count, multiplied: "
             "step *= stride.", "step *= stride", "step = stride"),
        Slip("This is the step, how far apart neighbours of the last map are in the image. The "
             "field is how many pixels one of them sees.", "return field", "return step"),
        Slip("The layers were taken from the last to the first. This rule begins at the image; "
             "from the end it is field = (field - 1) * stride + k.",
             "in layers", "in layers[::-1]"),
        Slip("Only the first layer was counted. Does the return stand inside the loop?",
             "\n    return", "\n        return"),
        Slip("That is the area, in pixels. Asked for is how many there are along one axis.",
             "return field", "return field**2"),
    ],
    variants=[_field_from_the_end, _field_by_marking],
)  # fmt: skip


def centred(image):
    """Move a picture by whole pixels: its centre of mass comes to pixel (H // 2, W // 2).

    image is (H, W), 0 where there is no ink. Returns a picture of the same shape; what comes in
    at the edges is 0.
    """
    H, W = image.shape
    rows, columns = np.arange(H), np.arange(W)
    row = np.sum(image.sum(axis=1) * rows) / image.sum()
    column = np.sum(image.sum(axis=0) * columns) / image.sum()
    down, right = round(H // 2 - row), round(W // 2 - column)
    return np.roll(image, (down, right), axis=(0, 1))


def _blot(rng, H=11, W=14):
    """A triangle of ink in a corner, darkest at one end; none of it leaves the picture."""
    image = np.zeros((H, W))
    h, w = H // 2, W // 2
    top, left = (0, W - w) if rng.random() < 0.5 else (H - h, 0)
    ink = np.tri(h, w) * (0.1 + rng.random((h, w)) * np.linspace(0, 1, w) ** 2)
    image[top : top + h, left : left + w] = ink.round(2)
    return {"image": image}


def _centred_by_pad(image):
    H, W = image.shape
    i, j = np.indices(image.shape)
    row, column = np.average(i, weights=image), np.average(j, weights=image)
    down, right = int(np.rint(H // 2 - row)), int(np.rint(W // 2 - column))
    big = np.pad(image, ((H, H), (W, W)))
    return big[H - down : 2 * H - down, W - right : 2 * W - right]


def _centred_by_loops(image):
    H, W = image.shape
    total = row = column = 0.0
    for i in range(H):
        for j in range(W):
            total += image[i, j]
            row += i * image[i, j]
            column += j * image[i, j]
    down = int(np.floor(H // 2 - row / total + 0.5))
    right = int(np.floor(W // 2 - column / total + 0.5))
    result = np.zeros_like(image)
    for i in range(H):
        for j in range(W):
            if 0 <= i - down < H and 0 <= j - right < W:
                result[i, j] = image[i - down, j - right]
    return result


MIDDLE = "round(H // 2 - row), round(W // 2 - column)"
ROW_MEAN = "np.sum(image.sum(axis=1) * rows) / image.sum()"
COLUMN_MEAN = "np.sum(image.sum(axis=0) * columns) / image.sum()"
centring = Exercise(
    "7.5",
    centred,
    returns="picture",
    inputs=_blot,
    sizes=[{"H": 16, "W": 10}, {"H": 9, "W": 9}, {"H": 20, "W": 13}],
    errors={
        "cannot convert float": "Pictures move by whole pixels: round(...) makes an int. Of NaN it "
        "makes none: a row may have no ink, so divide by that of the whole picture.",
    },
    hints=[
        "The centre of mass is a mean of places, in which each pixel counts as much as it has ink: "
        "sum of row · ink, divided by the sum of the ink. The same for columns.",
        "image.sum(axis=1) is the ink of each row, so row = "
        "np.sum(image.sum(axis=1) * np.arange(H)) / image.sum(). It shall come to H // 2.",
        "down = round(H // 2 - row), right likewise, then "
        "np.roll(image, (down, right), axis=(0, 1)).",
    ],
    misconceptions=[
        Slip("It was moved the wrong way: down is the middle minus the centre of mass.",
             MIDDLE, "round(row - H // 2), round(column - W // 2)"),
        Slip("Rows and columns were mixed up: the ink of a row is the sum along axis 1, that of a "
             "column the sum along axis 0, and down belongs to the rows.",
             "(down, right), axis=(0, 1)", "(down, right), axis=(1, 0)"),
        Slip("Only the rows were centred.", "(down, right), axis=(0, 1)", "down, axis=0"),
        Slip("Only the columns were centred.", "(down, right), axis=(0, 1)", "right, axis=1"),
        *(Slip("A pixel off at times: the middle is the pixel in row H // 2 and column W // 2.",
               "H // 2 - row", f"{middle.format('H')} - row",
               "W // 2 - column", f"{middle.format('W')} - column")
          for middle in ("{} / 2", "({} - 1) / 2", "({} - 1) // 2")),
        Slip("The mean was taken over all pixels. Each pixel counts as much as it has ink: divide "
             "by the sum of the ink.", ROW_MEAN, "np.sum(image.sum(axis=1) * rows) / image.size",
             COLUMN_MEAN, "np.sum(image.sum(axis=0) * columns) / image.size"),
        Slip("Rows and columns are counted from 0, as NumPy does.",
             "np.arange(H), np.arange(W)", "np.arange(1, H + 1), np.arange(1, W + 1)"),
        Slip("The centre of mass was not subtracted: the way down is H // 2 - row.",
             MIDDLE, "H // 2, W // 2"),
        Slip("14 is the middle of 28 pixels only: H // 2 and W // 2.",
             MIDDLE, "round(14 - row), round(14 - column)"),
        Slip("The ink of the rows was added up, and divided by all ink: that is always 1. Multiply "
             "the ink of each row by its number.",
             ROW_MEAN, "image.sum(axis=1).sum() / image.sum()",
             COLUMN_MEAN, "image.sum(axis=0).sum() / image.sum()"),
        *(Slip("It is a pixel off at times: int cuts off, towards 0 where the way is negative. "
               "Round the difference, round(H // 2 - row).", MIDDLE, instead)
          for instead in ("int(H // 2 - row + 0.5), int(W // 2 - column + 0.5)",
                          "H // 2 - int(row), W // 2 - int(column)")),
        Slip("It is a pixel off at times: int and // cut off, they do not round. Use round(...).",
             MIDDLE, "int(H // 2 - row), int(W // 2 - column)"),
        Slip("The darkest pixel was put into the middle. The centre of mass is a mean of all "
             "places, in which each counts as much as it has ink.",
             ROW_MEAN, "np.unravel_index(image.argmax(), image.shape)[0]",
             COLUMN_MEAN, "np.unravel_index(image.argmax(), image.shape)[1]"),
        Slip("All pixels with ink count the same here. In a centre of mass a darker one counts "
             "more: weigh each place by its ink.",
             ROW_MEAN, "np.nonzero(image)[0].mean()", COLUMN_MEAN, "np.nonzero(image)[1].mean()"),
        Slip("The frame around the ink was put into the middle. The centre of mass is a mean of "
             "all places, in which each counts as much as it has ink.",
             ROW_MEAN, "(np.nonzero(image)[0].min() + np.nonzero(image)[0].max()) / 2",
             COLUMN_MEAN, "(np.nonzero(image)[1].min() + np.nonzero(image)[1].max()) / 2"),
        Slip("The picture was taken for a square: H rows and W columns have different middles.",
             "W // 2 - column", "H // 2 - column"),
        Slip("The picture has not moved. np.roll returns a new array: return that.",
             "np.roll(image, (down, right), axis=(0, 1))", "image"),
        Slip("It was moved by the place of the centre, not by the way from there to the middle: "
             "subtract it from H // 2.", MIDDLE, "round(row), round(column)"),
    ],
    variants=[_centred_by_pad, _centred_by_loops],
)  # fmt: skip


EXERCISES = [workers, parameters, pairs, field_size, centring]
