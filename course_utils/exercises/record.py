"""Where the reader stands: one small file in the reader's own data folder."""

import json
import os
import tempfile
from pathlib import Path


def path():
    """The file: progress.json in the data folder that the system gives this user."""
    import platformdirs

    return Path(platformdirs.user_data_dir("course_utils")) / "progress.json"


def read():
    """{number: {"outcome": the best so far, "attempts": how many}}; empty where there is none."""
    try:
        kept = json.loads(path().read_text())
        return {
            str(number): {"outcome": str(entry["outcome"]), "attempts": int(entry["attempts"])}
            for number, entry in kept.items()
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def note(number, outcome):
    """Remember one more attempt. A right answer stays right; a stub is no attempt."""
    if outcome == "not attempted":
        return
    kept = read()
    entry = kept.setdefault(number, {"outcome": outcome, "attempts": 0})
    entry["attempts"] += 1
    if entry["outcome"] != "right":
        entry["outcome"] = outcome
    try:
        path().parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path().parent)
        with os.fdopen(handle, "w") as file:
            json.dump(kept, file, indent=1)
        os.replace(temporary, path())
    except OSError:
        pass  # a folder that cannot be written must not spoil an answer


def forget():
    """Remove the file."""
    path().unlink(missing_ok=True)
