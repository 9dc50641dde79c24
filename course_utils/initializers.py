"""First values of the weights. Each draws an array of `shape` from the Generator `rng`.

fan_in is how many numbers a unit adds up: every axis of the weights but the last, so D for a
dense layer's (D, H) and kh · kw · C for a convolution's (kh, kw, C, filters).
Compared with each other in lesson 2.
"""

import math

import numpy as np


def zeros(shape, rng=None, dtype=np.float64):
    """All zeros: right for biases. As weights it makes all units of a layer alike for ever."""
    return np.zeros(shape, dtype)


def normal(shape, rng, dtype=np.float64, scale=0.01):
    """Normal with mean 0 and standard deviation `scale`."""
    return rng.normal(0, scale, shape).astype(dtype)


def xavier(shape, rng, dtype=np.float64):
    """Normal with variance 2 / (fan_in + fan_out): keeps the signal's size through tanh layers.

    Glorot and Bengio (2010).
    """
    window = math.prod(shape[:-2])
    fan_in, fan_out = window * shape[-2], window * shape[-1]
    return rng.normal(0, math.sqrt(2 / (fan_in + fan_out)), shape).astype(dtype)


def he(shape, rng, dtype=np.float64):
    """Normal with variance 2 / fan_in: keeps the signal's size through ReLU layers.

    The 2 makes up for the half of the values that ReLU sets to zero. He et al. (2015).
    """
    fan_in = math.prod(shape[:-1])
    return rng.normal(0, math.sqrt(2 / fan_in), shape).astype(dtype)
