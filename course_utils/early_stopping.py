"""Early stopping: a callback that ends training in time, and keeps the best weights. Lesson 8."""

from ._validation import check_count


class EarlyStopping:
    """Ends training when the validation loss falls no more; the network gets its best weights.

    `train(..., validation=(X, y), callbacks=[EarlyStopping(patience=5)])` stops when `patience`
    epochs in a row have not brought a lower validation loss. Whether it stops there, or the epochs
    are over, or the stop button is pressed: the network then has the weights (and running means)
    of the epoch with the lowest one.

    best_epoch : the number of that epoch, from 1 on
    best_loss : its validation loss

    Raises ValueError where `train` has no validation data. Derived in lesson 8.
    """

    def __init__(self, patience=5):
        check_count("patience", patience)
        self.patience = patience
        self.best_epoch = self.best_loss = self.best = None

    def __call__(self, epoch, network, history):
        if not history.validation_loss:
            raise ValueError("EarlyStopping needs data to measure on: validation=(X, y)")
        loss = history.validation_loss[-1]
        if epoch == 1 or loss < self.best_loss:
            self.best_epoch, self.best_loss = epoch, loss
            self.best = [array.copy() for array in network.arrays()]
        return epoch - self.best_epoch >= self.patience

    def finish(self, network):
        """Give the network its best weights."""
        if self.best is not None:
            for array, best in zip(network.arrays(), self.best, strict=True):
                array[...] = best
            self.best = None

    def __repr__(self):
        return f"EarlyStopping(patience={self.patience})"
