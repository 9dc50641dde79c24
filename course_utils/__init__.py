"""The reference implementations of the course, from one logistic unit to a CNN, in NumPy.

`import course_utils as cu` is quick: what needs matplotlib, ipywidgets or scikit-learn is loaded
when it is first used.
"""

import importlib

from .activations import (
    leaky_relu,
    leaky_relu_derivative,
    log_softmax,
    log_softmax_jacobian,
    relu,
    relu_derivative,
    sigmoid,
    sigmoid_derivative,
    softmax,
    softmax_jacobian,
    tanh,
    tanh_derivative,
)
from .augmentation import shift_images
from .autograd import Tensor, no_grad
from .blocks import Block, Residual
from .comparison import load_cnn_comparison
from .convolution import conv2d, conv2d_backward, max_pool2d, max_pool2d_backward, output_size
from .datasets import (
    FASHION_MNIST_CLASSES,
    MNIST_CLASSES,
    load_fashion_mnist,
    load_mnist,
    load_words,
)
from .early_stopping import EarlyStopping
from .fast_convolution import Conv2D, MaxPool2D, winograd_matrices
from .frameworks import load_one_epoch
from .gradients import check_gradients, numerical_gradient, relative_error
from .initializers import he, normal, xavier, zeros
from .layers import Dense, Dropout, Flatten, Layer, LeakyReLU, ReLU, Sigmoid, Softmax, Tanh
from .losses import binary_cross_entropy, mean_squared_error, softmax_cross_entropy
from .network import Sequential, classes
from .normalization import BatchNorm, LayerNorm
from .optimizers import SGD, Adam, AdamW, Optimizer, clip_gradients
from .schedules import cosine_decay, step_decay, warm_up
from .training import History, minibatches, train

__version__ = "0.1.0"

_LATER = {
    "estimator": ("NeuralNetClassifier",),
    "sweep": ("load_sweep",),
    "figures.activations": ("activation_explorer", "plot_activations"),
    "figures.answers": ("answer_explorer", "plot_answers"),
    "figures.attacks": ("attack_explorer", "plot_attacks"),
    "figures.attention": ("attention_explorer", "plot_attention", "plot_letter_pairs"),
    "figures.backprop": (
        "backprop_explorer",
        "plot_backprop_steps",
        "plot_backward_products",
        "plot_training_loop",
        "plot_weight_gradient",
        "weight_gradient_explorer",
    ),
    "figures.convolution": (
        "draw_frame",
        "kernel_explorer",
        "plot_channels",
        "plot_convolutions",
        "plot_kernels",
        "plot_places",
        "plot_windows",
    ),
    "figures.curves": ("draw_curves", "plot_curves", "plot_history"),
    "figures.decisions": (
        "plot_confusion",
        "plot_mistakes",
        "plot_precision_recall",
        "threshold_explorer",
    ),
    "figures.depth": ("depth_explorer", "draw_gradient_histograms", "plot_depth"),
    "figures.descent": ("plot_valley", "valley_explorer"),
    "figures.differences": ("plot_differences",),
    "figures.digit": ("center_digit", "digit_explorer", "plot_digit_answers"),
    "figures.explorer": ("LivePicture",),
    "figures.graph": ("draw_graph", "graph_explorer", "plot_graph", "plot_graphs"),
    "figures.images": ("draw_numbers", "draw_signed", "plot_images"),
    "figures.line": ("draw_line_loss", "draw_line_slopes"),
    "figures.logistic_unit": (
        "draw_loss_surface",
        "draw_neuron",
        "logistic_unit_explorer",
        "plot_logistic_units",
    ),
    "figures.losses": ("plot_errors", "plot_likelihood", "plot_losses_when_1"),
    "figures.network": ("draw_dense_layer", "draw_network", "plot_forward_pass"),
    "figures.picture": ("show",),
    "figures.playground": ("playground", "plot_playground"),
    "figures.points": ("draw_decision_boundary", "draw_points"),
    "figures.polynomials": ("plot_polynomials", "polynomial_explorer"),
    "figures.recorded_training": ("plot_recorded_curves", "training_explorer"),
    "figures.softmax": ("plot_softmax", "softmax_explorer"),
    "figures.style": ("use_style",),
}

__all__ = [
    "FASHION_MNIST_CLASSES",
    "MNIST_CLASSES",
    "SGD",
    "Adam",
    "AdamW",
    "BatchNorm",
    "Block",
    "Conv2D",
    "Dense",
    "Dropout",
    "EarlyStopping",
    "Flatten",
    "History",
    "Layer",
    "LayerNorm",
    "LeakyReLU",
    "MaxPool2D",
    "Optimizer",
    "ReLU",
    "Residual",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Tanh",
    "Tensor",
    "binary_cross_entropy",
    "check_gradients",
    "classes",
    "clip_gradients",
    "conv2d",
    "conv2d_backward",
    "cosine_decay",
    "he",
    "leaky_relu",
    "leaky_relu_derivative",
    "load_cnn_comparison",
    "load_fashion_mnist",
    "load_mnist",
    "load_one_epoch",
    "load_words",
    "log_softmax",
    "log_softmax_jacobian",
    "max_pool2d",
    "max_pool2d_backward",
    "mean_squared_error",
    "minibatches",
    "no_grad",
    "normal",
    "numerical_gradient",
    "output_size",
    "relative_error",
    "relu",
    "relu_derivative",
    "shift_images",
    "sigmoid",
    "sigmoid_derivative",
    "softmax",
    "softmax_cross_entropy",
    "softmax_jacobian",
    "step_decay",
    "tanh",
    "tanh_derivative",
    "train",
    "warm_up",
    "winograd_matrices",
    "xavier",
    "zeros",
    *(name for names in _LATER.values() for name in names),
]


def __getattr__(name):
    for module, names in _LATER.items():
        if name in names:
            return getattr(importlib.import_module(f".{module}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted(__all__)
