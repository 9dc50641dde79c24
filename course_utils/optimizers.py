"""Optimizers: how a gradient becomes a step. Compared in lesson 5.

`step(parameters, gradients)` changes the parameters in place. What an optimizer remembers
belongs to the arrays it saw last; given others, it starts afresh. Its settings, such as
`learning_rate`, may be changed between two steps. A learning rate is a number, or a schedule: a
function of the step, which counts from 0 (lesson 10).
"""

import math

import numpy as np

from ._validation import check_between
from .schedules import check_learning_rate, rate_at


class Optimizer:
    """What every optimizer does. One of your own writes `update`, and `start` if it remembers.

    `step` holds parameters and gradients against each other, calls `start` where the parameters
    are new, and then `update`. `steps_made` counts those that were made with these parameters.
    """

    steps_made = 0

    def start(self, parameters):
        """Set what is remembered from step to step as it is before the first one."""

    def update(self, parameters, gradients):
        """Make the step: change each array of `parameters` in place, none of `gradients`.

        Both are lists of arrays in the same order, of the same shapes.
        """
        raise NotImplementedError(f"{type(self).__name__} has no update")

    def step(self, parameters, gradients):
        """Move each parameter a little against its gradient, in place."""
        known = getattr(self, "_known", [])
        if len(known) != len(parameters) or any(
            p is not k for p, k in zip(parameters, known, strict=True)
        ):
            self._known = list(parameters)
            self.steps_made = 0
            self.start(parameters)
        for parameter, gradient in zip(parameters, gradients, strict=True):
            if gradient is None:
                raise ValueError("gradients must be arrays, got None: call backward first")
            if gradient.shape != parameter.shape:
                raise ValueError(
                    f"gradients must have the shapes of their parameters, got {gradient.shape} "
                    f"for {parameter.shape}"
                )
        self.update(parameters, gradients)
        self.steps_made += 1

    def forget(self):
        """Drop what is remembered: the next step is like the first."""
        self._known = []

    def rate(self):
        """The learning rate of the step that is being made, a number."""
        return rate_at(self.learning_rate, self.steps_made)

    def _said_rate(self):
        rate = self.learning_rate
        return getattr(rate, "__name__", type(rate).__name__) if callable(rate) else rate


class SGD(Optimizer):
    """Gradient descent on mini-batches, with momentum and weight decay where asked for.

        v ← momentum · v + gradient + weight_decay · W
        W ← W - learning_rate · v

    Weight decay spares biases: it acts on arrays of two axes or more. It is the gradient of
    weight_decay / 2 · the sum of W². Derived in lessons 1 (the step), 5 (mini-batches) and 8
    (weight decay).
    """

    def __init__(self, learning_rate, momentum=0.0, weight_decay=0.0):
        check_learning_rate("learning_rate", learning_rate)
        check_between("momentum", momentum, 0, 1)
        check_between("weight_decay", weight_decay, 0, np.inf)
        self.learning_rate, self.momentum, self.weight_decay = learning_rate, momentum, weight_decay

    def start(self, parameters):
        self.velocities = None  # made when there is a momentum, which may be raised later

    def update(self, parameters, gradients):
        rate = self.rate()
        if not self.momentum:
            self.velocities = None
        elif self.velocities is None:
            self.velocities = [np.zeros_like(p) for p in parameters]
        for i, (parameter, gradient) in enumerate(zip(parameters, gradients, strict=True)):
            if self.weight_decay and parameter.ndim > 1:
                gradient = gradient + self.weight_decay * parameter
            if self.momentum:
                self.velocities[i] *= self.momentum
                self.velocities[i] += gradient
                gradient = self.velocities[i]
            parameter -= rate * gradient

    def __repr__(self):
        return (
            f"SGD({self._said_rate()}, momentum={self.momentum}, weight_decay={self.weight_decay})"
        )


class Adam(Optimizer):
    """Steps scaled by running means of each gradient and of its square.

        m ← beta1 · m + (1 - beta1) · gradient
        s ← beta2 · s + (1 - beta2) · gradient²
        W ← W - learning_rate · m̂ / (√ŝ + epsilon)

    m̂ = m / (1 - beta1ᵗ) and ŝ = s / (1 - beta2ᵗ) make up for the start at zero; t counts the
    steps. Kingma and Ba (2015).
    """

    def __init__(self, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
        check_learning_rate("learning_rate", learning_rate)
        check_between("beta1", beta1, 0, 1)
        check_between("beta2", beta2, 0, 1)
        check_between("epsilon", epsilon, 0, np.inf, low_included=False)
        self.learning_rate, self.beta1, self.beta2 = learning_rate, beta1, beta2
        self.epsilon = epsilon

    def start(self, parameters):
        self.m = [np.zeros_like(p) for p in parameters]
        self.s = [np.zeros_like(p) for p in parameters]

    def update(self, parameters, gradients):
        t, rate = self.steps_made + 1, self.rate()
        for p, gradient, m, s in zip(parameters, gradients, self.m, self.s, strict=True):
            m *= self.beta1
            m += (1 - self.beta1) * gradient
            s *= self.beta2
            s += (1 - self.beta2) * gradient**2
            m_hat = m / (1 - self.beta1**t)
            s_hat = s / (1 - self.beta2**t)
            p -= rate * m_hat / (np.sqrt(s_hat) + self.epsilon)

    def __repr__(self):
        return f"Adam({self._said_rate()}, beta1={self.beta1}, beta2={self.beta2})"


class AdamW(Adam):
    """Adam, with a weight decay that does not go through its running means.

        W ← W - learning_rate · weight_decay · W, then Adam's step

    A penalty in the loss would be divided by √ŝ like every gradient: weights with large gradients
    would hardly decay. Biases, gamma and beta are spared: it acts on arrays of two axes or more.
    Loshchilov and Hutter (2019); compared in lesson 10.
    """

    def __init__(
        self, learning_rate=0.001, weight_decay=0.01, beta1=0.9, beta2=0.999, epsilon=1e-8
    ):
        super().__init__(learning_rate, beta1, beta2, epsilon)
        check_between("weight_decay", weight_decay, 0, np.inf)
        self.weight_decay = weight_decay

    def update(self, parameters, gradients):
        left = 1 - self.rate() * self.weight_decay
        for parameter in parameters:
            if parameter.ndim > 1:
                parameter *= left
        super().update(parameters, gradients)

    def __repr__(self):
        return f"AdamW({self._said_rate()}, weight_decay={self.weight_decay})"


def clip_gradients(gradients, max_norm):
    """Gradients that together are no longer than max_norm, and how long they were.

    Parameters
    ----------
    gradients : list of arrays, which stay as they are
    max_norm : float above 0, the largest norm: the root of the sum of the squares of all numbers

    Returns
    -------
    clipped : list of arrays. Where the norm is too large, all are made smaller by one factor, so
        that the direction of the step stays; else they are the gradients themselves.
    norm : float, before clipping

    What is not finite stays so, for the loss to show it. Derived in lesson 10.
    """
    check_between("max_norm", max_norm, 0, np.inf, low_included=False)
    gradients = list(gradients)
    norm = math.hypot(*(float(np.linalg.norm(gradient)) for gradient in gradients))
    if norm > max_norm and math.isfinite(norm):
        gradients = [gradient * (max_norm / norm) for gradient in gradients]
    return gradients, norm
