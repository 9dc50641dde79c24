"""What large networks reached on the digits, measured once and stored, for it takes minutes."""

import json
from pathlib import Path

FILE = Path(__file__).parent / "data" / "cnn_comparison.json"


def load_cnn_comparison():
    """What MLPs and CNNs of the same training time reached: a dictionary.

    trained_on, tested_on : how many digits
    networks : for each name the parameters, the epochs, and for each of three seeds the seconds
    and the accuracies on the test digits

    `make comparison` measures and stores it. Looked at in lesson 7.
    """
    return json.loads(FILE.read_text(encoding="utf-8"))
