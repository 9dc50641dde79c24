"""Schedules: the learning rate as a function of the step, which counts from 0. Lesson 10.

A schedule stands in the place of a learning rate: `SGD(cosine_decay(0.1, steps=1000))`. Any other
function of the step does as well.
"""

import math

import numpy as np

from ._validation import check_between, check_count


def step_decay(rate, every, factor=0.1):
    """rate · factor^(step // every): every so many steps the rate falls at once. Lesson 10."""
    _check_number("rate", rate)
    check_count("every", every)
    check_between("factor", factor, 0, np.inf, low_included=False)

    def schedule(step):
        return rate * factor ** (step // every)

    return schedule


def cosine_decay(rate, steps, final=0.0):
    """From `rate` to `final` in so many steps, along half a wave of the cosine; then `final`.

        final + (rate - final) · (1 + cos(π · step / steps)) / 2

    Slow at first, and slow at the end. Loshchilov and Hutter (2017); lesson 10.
    """
    _check_number("rate", rate)
    check_count("steps", steps)
    check_between("final", final, 0, np.inf)

    def schedule(step):
        return final + (rate - final) * (1 + math.cos(math.pi * min(step / steps, 1))) / 2

    return schedule


def warm_up(steps, then):
    """In so many steps, evenly, up to a rate; then that rate, or the schedule that starts with it.

    then : the rate, or a schedule, whose step 0 comes after the warm-up

    The first step's rate is one of `steps` parts, the last one's is all of it. Lesson 10.
    """
    check_count("steps", steps)
    check_learning_rate("then", then)

    def schedule(step):
        if step < steps:
            return rate_at(then, 0) * (step + 1) / steps
        return rate_at(then, step - steps)

    return schedule


def check_learning_rate(name, rate):
    """Refuse what is neither a number above 0 nor a function."""
    if not callable(rate):
        _check_number(name, rate)


def _check_number(name, rate):
    check_between(name, rate, 0, np.inf, low_included=False)


def rate_at(learning_rate, step):
    """A learning rate at a step: the number that it is, or what the schedule gives."""
    if not callable(learning_rate):
        return learning_rate
    rate = learning_rate(step)
    check_between(f"learning_rate at step {step}", rate, 0, np.inf)
    return rate
