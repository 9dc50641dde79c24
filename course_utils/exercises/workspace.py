"""The student's own copy of the lessons: made once, never overwritten.

`make lab` runs it: python -m course_utils.exercises.workspace notebooks my_lessons
"""

import hashlib
import json
import os
import sys
from pathlib import Path

KEPT = ".originals.json"  # which version of each original the copy was made from


def update(originals, own):
    """Copy the lessons that are not in the folder `own` yet; return what to tell the student."""
    originals, own = Path(originals), Path(own)
    own.mkdir(exist_ok=True)
    versions = _read(own / KEPT)
    said = []
    for original in sorted(originals.glob("*.ipynb")):
        content = original.read_bytes()
        version = hashlib.sha256(content).hexdigest()
        mine = own / original.name
        if not mine.exists():
            _write(mine, content)
            versions[original.name] = version
            said.append(f"{mine} is new.")
        elif versions.setdefault(original.name, version) != version:
            said.append(
                f"{original} has changed since your copy was made. {mine} is kept as it is; "
                "to get the new one, rename yours and call this again."
            )
    _write(own / KEPT, json.dumps(versions, indent=1).encode())
    return said


def _read(path):
    try:
        return dict(json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return {}


def _write(path, content):
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    os.replace(part, path)


if __name__ == "__main__":
    for sentence in update(*sys.argv[1:]):
        print(sentence)
