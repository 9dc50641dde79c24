"""What the same network reached with PyTorch and with ours, measured once and stored."""

import json
from pathlib import Path

FILE = Path(__file__).parent / "data" / "one_epoch.json"


def load_one_epoch():
    """What the CNN of PyTorch's example reached in one epoch: a dictionary.

    data : for each data set that could be had, how many pictures it was trained_on and tested_on,
    the accuracies, {whose network, and whose first weights: {seed: test accuracy}}, date, versions

    first_losses : of PyTorch's first 30 steps in float64, from our first weights

    `make one-epoch` measures and stores it. Looked at in lesson 11.
    """
    return json.loads(FILE.read_text(encoding="utf-8"))
