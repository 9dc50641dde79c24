"""Losses. Each returns its value and its gradient: `value, gradient = loss(outputs, targets)`.

The value is the mean over the batch. The mean is taken here, once: the gradient already holds
the 1/N, and nothing that comes after may divide by N again. Derived in lesson 3.
"""

import numpy as np

from ._validation import as_floats, check_labels, check_same_shape
from .activations import log_softmax, sigmoid


def mean_squared_error(predictions, targets):
    """Mean of (prediction - target)², over every element.

    Parameters
    ----------
    predictions, targets : arrays of the same shape, (N,) or (N, K)

    Returns
    -------
    value : float
    gradient : array like predictions, d(value)/d(predictions)

    Raises ValueError where the shapes differ. Derived in lessons 1 and 3.
    """
    predictions, targets = as_floats("predictions", predictions), as_floats("targets", targets)
    check_same_shape("predictions", predictions, "targets", targets)
    difference = predictions - targets.astype(predictions.dtype, copy=False)
    return float(np.mean(difference**2)), 2 / difference.size * difference


def binary_cross_entropy(logits, labels):
    """-log of the probability that sigmoid(logits) gives to the labels; the mean over the batch.

    Parameters
    ----------
    logits : (N,) or (N, 1), pre-activations z: the sigmoid is taken here, where it is stable
    labels : array of the same shape, each 0 or 1

    Returns
    -------
    value : float
    gradient : array like logits, (sigmoid(z) - y) / N

    Raises ValueError where the shapes differ or a label is neither 0 nor 1. Derived in
    lessons 1 and 3.
    """
    z, y = as_floats("logits", logits), as_floats("labels", labels)
    check_same_shape("logits", z, "labels", y)
    wrong = (y != 0) & (y != 1)
    if wrong.any():
        raise ValueError(f"labels must be 0 or 1, got {y[wrong][0]:g}")
    y = y.astype(z.dtype, copy=False)
    value = np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))
    return float(value), (sigmoid(z) - y) / z.size


def softmax_cross_entropy(logits, labels):
    """-log of the probability that softmax(logits) gives to the right class; mean over the batch.

    Parameters
    ----------
    logits : (N, K), pre-activations z: the softmax is taken here, where it is stable
    labels : (N,), integers in 0..K-1

    Returns
    -------
    value : float
    gradient : (N, K), (softmax(z) - one_hot(y)) / N

    Raises ValueError or TypeError where a label is missing, is no integer or names no class.
    Derived in lesson 3.
    """
    logits = as_floats("logits", logits)
    if logits.ndim != 2:
        raise ValueError(f"logits must have shape (N, K), got {logits.shape}")
    N, K = logits.shape
    labels = check_labels(labels, N, K)
    rows = np.arange(N)
    log_probabilities = log_softmax(logits)
    gradient = np.exp(log_probabilities)
    gradient[rows, labels] -= 1
    return float(-log_probabilities[rows, labels].mean()), gradient / N
