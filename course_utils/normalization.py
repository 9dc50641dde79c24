"""Normalization: values brought to mean 0 and variance 1 on their way, whatever came before.

Then gamma and beta, which are learned, give them the scale and the mean that the network needs.
Derived in lesson 10.
"""

import numpy as np

from ._validation import check_between, check_shape
from .initializers import zeros
from .layers import Layer
from .meeting import sum_over_workers


class BatchNorm(Layer):
    """Each feature normalized over the batch: z = gamma · x̂ + beta, x̂ = (x - mean) / std.

    x and z are (N, D), or (N, H, W, C) for images, where a channel is one feature; gamma and beta
    are (D,) or (C,). std is √(variance + epsilon).

    In training, mean and variance are those of the batch, all of it, however many workers share
    it; the gradient goes through them too. Outside training they are running means over the
    batches of training, which belong to the network, and are saved with it:

        running ← momentum · running + (1 - momentum) · that of the batch

    The running variance takes the batch's with n - 1 instead of n in the denominator. PyTorch's
    momentum is 1 - this one. In training ValueError is raised for a batch of a single number a
    feature: it has no variance. Ioffe and Szegedy (2015); derived in lesson 10.
    """

    parameter_names = ("gamma", "beta")
    buffer_names = ("running_mean", "running_variance")
    settings = ("momentum", "epsilon")

    def __init__(self, momentum=0.9, epsilon=1e-5):
        check_between("momentum", momentum, 0, 1)
        check_between("epsilon", epsilon, 0, np.inf, low_included=False)
        self.momentum, self.epsilon = float(momentum), float(epsilon)
        self.initializer = zeros

    def build(self, input_shape, rng, dtype):
        self.beta = self.initializer(input_shape[-1:], rng, dtype)
        self.gamma = self.beta + 1
        self.running_mean, self.running_variance = self.beta.copy(), self.gamma.copy()
        return input_shape

    def forward(self, x, training=False):
        rows = tuple(range(x.ndim - 1))  # every axis but the features
        self.n = sum_over_workers(x.size // x.shape[-1]) if training else None
        if not training:
            centred, variance = x - self.running_mean, self.running_variance
        elif self.n == 1:
            raise ValueError(
                f"{self} needs two rows or more in training, got 1: "
                "choose a batch_size that leaves no single row at the end"
            )
        else:
            mean = sum_over_workers(x.sum(axis=rows)) / self.n
            centred = x - mean
            variance = sum_over_workers((centred**2).sum(axis=rows)) / self.n
            self._remember(mean, variance * self.n / (self.n - 1))
        self.std = np.sqrt(variance + self.epsilon)
        self.x_hat = centred / self.std
        return self.gamma * self.x_hat + self.beta

    def _remember(self, mean, variance):
        self.running_mean = self.momentum * self.running_mean + (1 - self.momentum) * mean
        self.running_variance = (
            self.momentum * self.running_variance + (1 - self.momentum) * variance
        )

    def backward(self, dz):
        check_shape("dz", dz, self.x_hat.shape)
        rows = tuple(range(dz.ndim - 1))
        self.dgamma = (dz * self.x_hat).sum(axis=rows)
        self.dbeta = dz.sum(axis=rows)
        if self.n is not None:  # through the mean, and through the variance
            through_mean = sum_over_workers(self.dbeta) / self.n
            dz = dz - through_mean - self.x_hat * (sum_over_workers(self.dgamma) / self.n)
        return self.gamma / self.std * dz


class LayerNorm(Layer):
    """Each row normalized over its features: z = gamma · x̂ + beta, x̂ = (x - mean) / std.

    x and z are (N, D) or (N, ..., D): mean and variance are taken over the last axis, so that
    rows have nothing to do with each other, and training is like evaluation. gamma and beta are
    (D,); std is √(variance + epsilon). Ba, Kiros and Hinton (2016); derived in lesson 10.
    """

    parameter_names = ("gamma", "beta")
    settings = ("epsilon",)

    def __init__(self, epsilon=1e-5):
        check_between("epsilon", epsilon, 0, np.inf, low_included=False)
        self.epsilon = float(epsilon)
        self.initializer = zeros

    def build(self, input_shape, rng, dtype):
        self.beta = self.initializer(input_shape[-1:], rng, dtype)
        self.gamma = self.beta + 1
        return input_shape

    def forward(self, x, training=False):
        centred = x - x.mean(axis=-1, keepdims=True)
        self.std = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + self.epsilon)
        self.x_hat = centred / self.std
        return self.gamma * self.x_hat + self.beta

    def backward(self, dz):
        check_shape("dz", dz, self.x_hat.shape)
        rows = tuple(range(dz.ndim - 1))
        self.dgamma = (dz * self.x_hat).sum(axis=rows)
        self.dbeta = dz.sum(axis=rows)
        dx_hat = dz * self.gamma
        through_mean = dx_hat.mean(axis=-1, keepdims=True)
        through_variance = self.x_hat * (dx_hat * self.x_hat).mean(axis=-1, keepdims=True)
        return (dx_hat - through_mean - through_variance) / self.std
