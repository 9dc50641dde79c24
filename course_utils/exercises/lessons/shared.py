"""What exercises of several lessons share: gradients by centred differences (3.2 and others)."""

import numpy as np

from ..authoring import Slip


def smooth_function(rng, shape):
    """A function of an array in which each number matters to the slopes of the others."""
    A, B, C = rng.normal(size=(3, *shape))

    def f(x):
        return np.sum(A * np.sin(x)) + np.sum(B * x) ** 2 + np.sum(C * x**2)

    return f


# For a reference with these three lines in its loop over i:
#     above[i] += epsilon
#     below[i] -= epsilon
#     ... = (f(above) - f(below)) / (2 * epsilon)
CENTRED_DIFFERENCES = [
    Slip("Twice the slope: from x - epsilon to x + epsilon the step is 2 epsilon long, and that is "
         "what the difference must be divided by.", "/ (2 * epsilon)", "/ epsilon"),
    Slip("The differences were multiplied by epsilon: `/ 2 * epsilon` divides by 2 and then "
         "multiplies. Put brackets around 2 * epsilon.", "(2 * epsilon)", "2 * epsilon"),
    Slip("These are the differences of f, not the slopes: they must be divided by the length of "
         "the step, 2 epsilon.", " / (2 * epsilon)", ""),
    Slip("This is the one-sided difference, f(x + epsilon) - f(x). The centred one looks to both "
         "sides, f(x + epsilon) - f(x - epsilon), and is far more exact.",
         "f(below)) / (2 * epsilon)", "f(x)) / epsilon"),
    Slip("This is the one-sided difference, f(x) - f(x - epsilon). The centred one looks to both "
         "sides, f(x + epsilon) - f(x - epsilon), and is far more exact.",
         "f(above) - f(below)) / (2 * epsilon)", "f(x) - f(below)) / epsilon"),
    Slip("Half the slope: the two values are only one epsilon apart. Does f(x) stand where f(x - "
         "epsilon) should? Or was x itself moved up, and then down by one epsilon only?",
         "f(below)", "f(x)"),
    Slip("Half the slope: the two values are only one epsilon apart. Does f(x) stand where f(x + "
         "epsilon) should?", "f(above)", "f(x)"),
    Slip("The sign is wrong: the slope is f above minus f below.",
         "f(above) - f(below)", "f(below) - f(above)"),
    Slip("All zero: both values of f were taken at the same place. Is each of the two nudged "
         "arrays a copy of its own, x.copy(), and is f called with them? `above = x` makes no "
         "copy: it is x itself.", "f(below)", "f(above)"),
    Slip("The entry was replaced by epsilon, so this is the slope where it is 0. Add epsilon to "
         "what is there, and subtract it: above[i] += epsilon.",
         "above[i] += epsilon", "above[i] = epsilon", "below[i] -= epsilon", "below[i] = -epsilon"),
    Slip("f was called with the nudged number alone. It takes a whole array like x, in which entry "
         "i is moved.", "f(above) - f(below)", "f(above[i]) - f(below[i])"),
    Slip("All entries were moved together, so each place holds the sum of all slopes. Move one "
         "entry, [i], and leave the others where they are.",
         "above[i]", "above", "below[i]", "below"),
    Slip("Whole rows were moved together: the loop runs over the first axis only. "
         "np.ndindex(x.shape) visits every single entry.", "np.ndindex(x.shape)", "range(len(x))"),
    Slip("Each place holds its own slope and those of all entries before it: what was moved was "
         "not put back. Make both copies inside the loop, fresh for each entry.",
         "for i in np.ndindex(x.shape):\n        above, below = x.copy(), x.copy()",
         "above, below = x.copy(), x.copy()\n    for i in np.ndindex(x.shape):"),
    Slip("Nearly right: entries that were moved were not put back before the next one was moved, "
         "so f is measured beside x. Take a fresh copy for each entry.",
         "above, below =", "above, x =", "below[i]", "x[i]", "f(below)", "f(x)"),
]  # fmt: skip
