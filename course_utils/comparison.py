"""What networks reached on the digits, measured once and stored, for it takes minutes."""

import json
from pathlib import Path

FILE = Path(__file__).parent / "data" / "cnn_comparison.json"


def load_cnn_comparison():
    """What networks reached in runs that are too long for a lesson: a dictionary.

    trained_on, tested_on : how many digits
    networks : for each name the parameters, the epochs, and for each seed the seconds and the
    accuracies, on the test digits
    rates : for each of lesson 7's networks {learning rate: validation accuracies of three seeds}
    rows : validation accuracies of its CNN, for two ways to choose the validation digits

    `make comparison` measures and stores it. Looked at in lesson 7.
    """
    return json.loads(FILE.read_text(encoding="utf-8"))
