"""Activation functions and their derivatives. Pictured in lesson 2, made stable in lesson 3.

z is a pre-activation, a = f(z) the activation. Each derivative says which of the two it takes.
Every function keeps the dtype of a floating-point array; integers become float64.
"""

import numpy as np

from ._validation import as_floats


def sigmoid(z):
    """1 / (1 + exp(-z)), element by element, for any size of z.

    exp is only ever taken of a number that is not positive, so it cannot overflow.
    z and the result have the same shape. Derived in lesson 1, made stable in lesson 3.
    """
    z = as_floats("z", z)
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def sigmoid_derivative(a):
    """da/dz of the sigmoid, from the activation a = sigmoid(z): a (1 - a). Derived in lesson 1."""
    a = as_floats("a", a)
    return a * (1 - a)


def tanh(z):
    """Hyperbolic tangent, element by element. Pictured in lesson 2."""
    return np.tanh(as_floats("z", z))


def tanh_derivative(a):
    """da/dz of tanh, from the activation a = tanh(z): 1 - a². Pictured in lesson 2."""
    a = as_floats("a", a)
    return 1 - a * a


def relu(z):
    """max(z, 0), element by element. Pictured in lesson 2."""
    return np.maximum(as_floats("z", z), 0)


def relu_derivative(z):
    """da/dz of ReLU, from the pre-activation z: 1 where z > 0, else 0 (0 at z = 0 by choice)."""
    z = as_floats("z", z)
    return (z > 0).astype(z.dtype)


def leaky_relu(z, slope=0.01):
    """z where z > 0, else slope · z. Pictured in lesson 2."""
    z = as_floats("z", z)
    return np.where(z > 0, z, z.dtype.type(slope) * z)


def leaky_relu_derivative(z, slope=0.01):
    """da/dz of the leaky ReLU, from the pre-activation z: 1 where z > 0, else slope."""
    z = as_floats("z", z)
    return np.where(z > 0, z.dtype.type(1), z.dtype.type(slope))


def softmax(z):
    """Turn each row of logits z (N, K) into K probabilities that sum to 1.

    The last axis is the one that sums to 1. Subtracting the largest logit of a row changes
    nothing in the result and keeps exp from overflowing. Derived in lesson 3.
    """
    z = as_floats("z", z)
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def softmax_jacobian(a):
    """Every da_i/dz_j of the softmax, from the activation a (N, K): a_i (δ_ij - a_j), (N, K, K).

    Derived in lesson 3.
    """
    a = as_floats("a", a)
    return a[..., :, None] * (np.eye(a.shape[-1], dtype=a.dtype) - a[..., None, :])


def log_softmax(z):
    """log(softmax(z)) along the last axis, without ever taking log(0). Derived in lesson 3."""
    z = as_floats("z", z)
    shifted = z - z.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def log_softmax_jacobian(log_a):
    """Every d(log a_i)/dz_j, from log_a = log_softmax(z) (N, K): δ_ij - a_j, (N, K, K).

    Derived in lesson 3.
    """
    a = np.exp(as_floats("log_a", log_a))
    return np.eye(a.shape[-1], dtype=a.dtype) - a[..., None, :]
