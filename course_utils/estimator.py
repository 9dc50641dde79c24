"""A network as a scikit-learn classifier, for Pipeline, GridSearchCV and all that goes with them.

Everything that learns is `Sequential` and `train`; here stands only what scikit-learn asks for.
Used in lesson 8.
"""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    _check_sample_weight,
    check_is_fitted,
    validate_data,
)

from ._validation import check_between
from .activations import log_softmax, softmax
from .early_stopping import EarlyStopping
from .initializers import he, xavier
from .layers import Dense, Dropout, LeakyReLU, ReLU, Sigmoid, Tanh
from .losses import softmax_cross_entropy
from .network import Sequential
from .optimizers import SGD, Adam, AdamW
from .training import train

ACTIVATIONS = {
    "relu": (ReLU, he),
    "leaky_relu": (LeakyReLU, he),
    "tanh": (Tanh, xavier),
    "sigmoid": (Sigmoid, xavier),
}


class NeuralNetClassifier(ClassifierMixin, BaseEstimator):
    """A network of dense layers, or one of your own, trained by mini-batches.

    Parameters
    ----------
    hidden_sizes : units of each hidden layer, such as (500, 150); () for softmax regression
    activation : "relu", "leaky_relu", "tanh" or "sigmoid", between the layers
    initializer : function of initializers.py; None takes `he` for the first two activations,
        `xavier` for the other two
    optimizer : "adam", "adamw" or "sgd"
    learning_rate : the size of a step, or a schedule: a function of the number of the step
    momentum : of "sgd"
    weight_decay : of "sgd" and "adamw"
    dropout : the rate at which activations of hidden layers are dropped in training
    batch_size, epochs : rows a step; how many times to go through the data
    early_stopping : set `validation_fraction` of the rows aside, and end where the loss on them
        has not become lower for `patience` epochs, with the weights that were best
    random_state : an integer makes each fit the same; a RandomState, or None
    build_network : a function (n_features, n_classes, rng) that returns a Sequential with
        n_classes outputs, in place of the dense layers; it may have an input_shape such as
        (28, 28, 1): rows of 784 numbers are then images

    Attributes
    ----------
    network_ : the trained Sequential
    history_ : what `train` saw, a History
    classes_, n_features_in_, feature_names_in_ : as everywhere in scikit-learn

    X is (N, D). Inputs are not scaled: put a StandardScaler before it, in a Pipeline. float32
    stays float32, all else becomes float64. Lesson 8.
    """

    def __init__(
        self,
        hidden_sizes=(100,),
        *,
        activation="relu",
        initializer=None,
        optimizer="adam",
        learning_rate=0.001,
        momentum=0.9,
        weight_decay=0.0,
        dropout=0.0,
        batch_size=128,
        epochs=100,
        early_stopping=False,
        validation_fraction=0.1,
        patience=10,
        random_state=None,
        build_network=None,
    ):
        self.hidden_sizes = hidden_sizes
        self.activation = activation
        self.initializer = initializer
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.momentum = momentum
        self.weight_decay = weight_decay
        self.dropout = dropout
        self.batch_size = batch_size
        self.epochs = epochs
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.random_state = random_state
        self.build_network = build_network

    def fit(self, X, y, sample_weight=None):
        """Train a new network on X (N, D) and the labels y (N,), numbers or text.

        sample_weight (N,) says how much each row counts: 2 as if it stood there twice, 0 as if
        it did not. Raises ValueError or TypeError where X, y or a parameter is not usable.
        """
        X, y, sample_weight = self._checked(X, y, sample_weight, reset=True)
        if sample_weight is not None:
            counts = sample_weight > 0
            X, y, sample_weight = X[counts], y[counts], sample_weight[counts]
        self.classes_ = np.unique(y)
        if len(self.classes_) < 2:
            raise ValueError(f"y must have at least two classes, got one class: {self.classes_}")
        self._start(X.dtype)
        rows, held_out = (X, y, sample_weight), None
        if self.early_stopping:
            rows, held_out = self._hold_out(*rows)
        self.history_ = self._train(*rows, self.epochs, held_out)
        return self

    def partial_fit(self, X, y, classes=None, sample_weight=None):
        """One epoch more on X and y; the first call needs `classes`, all labels there will be."""
        first = not hasattr(self, "network_")
        X, y, sample_weight = self._checked(X, y, sample_weight, reset=first)
        if first:
            if classes is None:
                raise ValueError("classes must be given at the first call of partial_fit")
            self.classes_ = np.unique(classes)
            self._start(X.dtype)
        elif classes is not None and not np.array_equal(np.unique(classes), self.classes_):
            raise ValueError(f"classes must be those of the first call, {self.classes_}")
        unknown = np.setdiff1d(y, self.classes_)
        if len(unknown):
            raise ValueError(f"y must hold labels of classes, {self.classes_}, got {unknown}")
        self.history_ = self._train(X, y, sample_weight, epochs=1)
        return self

    def predict_proba(self, X):
        """The probability of each class for each row, (N, K), in the order of `classes_`."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=[np.float64, np.float32])
        return softmax(self.network_.predict(self._as_input(X)))

    def predict(self, X):
        """The most probable class of each row, (N,)."""
        probabilities = self.predict_proba(X)
        return self.classes_[probabilities.argmax(axis=1)]

    def _checked(self, X, y, sample_weight, reset):
        X, y = validate_data(self, X, y, reset=reset, dtype=[np.float64, np.float32])
        check_classification_targets(y)
        if sample_weight is not None:
            sample_weight = _check_sample_weight(
                sample_weight, X, dtype=np.float64, ensure_non_negative=True
            )
        return X, y, sample_weight

    def _start(self, dtype):
        """Draw a new network and choose its optimizer."""
        seed = check_random_state(self.random_state).randint(2**31 - 1)
        self._rng = np.random.default_rng(seed)
        self._optimizer = self._new_optimizer()
        outputs = len(self.classes_)
        if self.build_network is not None:
            self.network_ = self.build_network(self.n_features_in_, outputs, self._rng)
        else:
            self.network_ = Sequential(
                self._new_layers(outputs),
                input_shape=self.n_features_in_,
                rng=self._rng,
                dtype=dtype,
            )
        if self.network_.output_shape != (outputs,):
            raise ValueError(
                f"build_network must return a network with {outputs} outputs, one a class, "
                f"got {self.network_.output_shape}"
            )
        if np.prod(self.network_.input_shape) != self.n_features_in_:
            raise ValueError(
                f"build_network must return a network for {self.n_features_in_} features, "
                f"got input_shape {self.network_.input_shape}"
            )

    def _new_optimizer(self):
        if self.optimizer == "sgd":
            return SGD(self.learning_rate, self.momentum, self.weight_decay)
        if self.optimizer == "adamw":
            return AdamW(self.learning_rate, weight_decay=self.weight_decay)
        if self.optimizer == "adam":
            if self.weight_decay:
                raise ValueError('weight_decay is for the optimizer "adamw" or "sgd", not "adam"')
            return Adam(self.learning_rate)
        raise ValueError(f'optimizer must be "adam", "adamw" or "sgd", got {self.optimizer!r}')

    def _new_layers(self, outputs):
        if self.activation not in ACTIVATIONS:
            raise ValueError(
                f"activation must be one of {', '.join(ACTIVATIONS)}, got {self.activation!r}"
            )
        activation, initializer = ACTIVATIONS[self.activation]
        initializer = self.initializer or initializer
        check_between("dropout", self.dropout, 0, 1)
        layers = []
        for units in self.hidden_sizes:
            layers += [Dense(units, initializer), activation()]
            if self.dropout:
                layers.append(Dropout(self.dropout))
        return [*layers, Dense(outputs, initializer)]

    def _hold_out(self, X, y, sample_weight):
        """Set rows aside for early stopping, of each class as many as its share asks for."""
        check_between("validation_fraction", self.validation_fraction, 0, 1, low_included=False)
        kept, aside = train_test_split(
            np.arange(len(X)),
            test_size=self.validation_fraction,
            stratify=y,
            random_state=int(self._rng.integers(2**31)),
        )
        part = (lambda rows: None) if sample_weight is None else sample_weight.__getitem__
        return (X[kept], y[kept], part(kept)), (X[aside], y[aside], part(aside))

    def _train(self, X, y, sample_weight, epochs, held_out=None):
        """Train the network further; held_out is (X, y, sample_weight) for early stopping."""
        validation, callbacks = None, []
        if held_out is not None:
            validation = self._as_input(held_out[0]), self._as_targets(*held_out[1:])
            callbacks = [EarlyStopping(self.patience)]
        return train(
            self.network_,
            self._as_input(X),
            self._as_targets(y, sample_weight),
            loss=softmax_cross_entropy if sample_weight is None else weighted_cross_entropy,
            optimizer=self._optimizer,
            epochs=epochs,
            batch_size=self.batch_size,
            rng=self._rng,
            validation=validation,
            callbacks=callbacks,
            progress=False,
        )

    def _as_input(self, X):
        """X in the shape and dtype of the network's input."""
        shape, dtype = self.network_.input_shape, self.network_.dtype
        return X.reshape(len(X), *shape).astype(dtype, copy=False)

    def _as_targets(self, y, sample_weight):
        """The number of each label's class; with weights a second column, of mean 1."""
        labels = np.searchsorted(self.classes_, y)
        if sample_weight is None:
            return labels
        return np.column_stack([labels, sample_weight / sample_weight.mean()])


def weighted_cross_entropy(logits, targets):
    """`softmax_cross_entropy` where each row counts as much as its weight says.

    targets is (N, 2): class numbers, and weights. Returns (value, gradient), the value being
    the mean over the rows of weight · loss.
    """
    labels, weights = targets[:, 0].astype(int), targets[:, 1].astype(logits.dtype)
    losses = -log_softmax(logits)[np.arange(len(labels)), labels]
    _, gradient = softmax_cross_entropy(logits, labels)
    return float(np.mean(weights * losses)), weights[:, None] * gradient
