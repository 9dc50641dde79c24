"""Show a verdict: as plain text first, and as a box where a notebook can show one."""

import html
import inspect

from .lessons import all_exercises

HEADINGS = {
    "not attempted": "not attempted yet",
    "raised an error": "it raised an error",
    "wrong": "not right yet",
    "right": "right",
}

LOOKING = "Not right yet. Looking for the smallest change that would make it right …"

# The signs tell the outcomes apart without colour; the words do so without the signs.
SIGNS = {"not attempted": "○", "raised an error": "!", "wrong": "✗", "right": "✓"}
COLOURS = {
    "not attempted": "#7f7f7f",
    "raised an error": "#CC79A7",
    "wrong": "#D55E00",
    "right": "#009E73",
}


def text(exercise, verdict):
    """The verdict in plain words."""
    lines = [f"Exercise {exercise.number}, {exercise.name}: {HEADINGS[verdict.outcome]}."]
    lines += _sentences(exercise, verdict)
    for label, value in verdict.details:
        lines.append(f"  {label} " + value.replace("\n", "\n" + " " * (len(label) + 3)))
    if verdict.printed:
        lines.append("Your function printed:")
        lines += ["  " + line for line in verdict.printed.rstrip().splitlines()]
    lines.append(_ending(exercise, verdict))
    return "\n".join(lines)


def _sentences(exercise, verdict):
    says = list(verdict.says)
    if verdict.outcome == "right" and verdict.changes:
        says.append(
            "It changes its arguments, which would surprise whoever calls it: the lesson calls "
            f"it with copies. To leave them alone, begin with {verdict.changes}."
        )
    return says


def _ending(exercise, verdict):
    if verdict.outcome == "right":
        return f"The lesson goes on with your {exercise.name}."
    return (
        f"The lesson goes on with the reference. Stuck? hint({exercise.number!r}) helps."
    ).replace("'", '"')


def box(exercise, verdict):
    """The same as HTML: a box whose left edge has the colour of the outcome."""
    parts = [
        f"<strong>{SIGNS[verdict.outcome]} Exercise {exercise.number}, "
        f"<code>{html.escape(exercise.name)}</code>: {HEADINGS[verdict.outcome]}.</strong>"
    ]
    parts += [f"<div>{html.escape(sentence)}</div>" for sentence in _sentences(exercise, verdict)]
    if verdict.details:
        rows = "".join(
            f"<tr><th style='text-align: left; vertical-align: top; font-weight: normal'>"
            f"{html.escape(label)}</th><td style='text-align: left'>"
            f"<pre style='margin: 0; background: none'>{html.escape(value)}</pre></td></tr>"
            for label, value in verdict.details
        )
        parts.append(f"<table>{rows}</table>")
    if verdict.printed:
        parts.append(f"<div>Your function printed:</div><pre>{html.escape(verdict.printed)}</pre>")
    parts.append(f"<div>{html.escape(_ending(exercise, verdict))}</div>")
    return (
        f'<div role="status" style="border-left: 6px solid {COLOURS[verdict.outcome]}; '
        f'padding: 4px 12px; color: var(--jp-ui-font-color1, inherit)">{"".join(parts)}</div>'
    )


class Place:
    """Where a verdict is displayed; while the check takes a moment, it says so there."""

    def __init__(self):
        self.handle = None

    def say_that_it_takes_a_moment(self):
        if _can_display():
            from IPython.display import display

            self.handle = display({"text/plain": LOOKING}, raw=True, display_id=True)

    def show(self, exercise, verdict):
        """Display the verdict, where a display is there; else print it."""
        plain, styled = text(exercise, verdict), box(exercise, verdict)
        if self.handle is None:
            _display(plain, styled)
        else:
            self.handle.update({"text/plain": plain, "text/html": styled}, raw=True)


def _can_display():
    from IPython import get_ipython

    return get_ipython() is not None


def _display(plain, styled):
    if not _can_display():
        print(plain)
        return
    from IPython.display import display

    display({"text/plain": plain, "text/html": styled}, raw=True)


def show_progress(kept):
    """A table of all exercises: outcome and attempts."""
    rows = []
    for exercise in all_exercises():
        entry = kept.get(exercise.number, {"outcome": "not attempted", "attempts": 0})
        rows.append((exercise, entry))
    right = sum(entry["outcome"] == "right" for _, entry in rows)
    lines = [f"{right} of {len(rows)} exercises are right."]
    body = ""
    for exercise, entry in rows:
        outcome, attempts = entry["outcome"], entry["attempts"]
        lines.append(
            f"{SIGNS[outcome]} {exercise.number:5} {exercise.name:30} {outcome:16} "
            f"attempts: {attempts}"
        )
        body += (
            f"<tr><td>{SIGNS[outcome]}</td><td>{exercise.number}</td><td style='text-align: left'>"
            f"<code>{exercise.name}</code></td><td>{outcome}</td><td>{attempts}</td></tr>"
        )
    head = "<tr><th></th><th>exercise</th><th>function</th><th>outcome</th><th>attempts</th></tr>"
    _display("\n".join(lines), f"<p>{lines[0]}</p><table>{head}{body}</table>")


def show_what_was_built(lesson, exercises, kept):
    """Each exercise's function with what it does; its code is folded below it."""
    first = f"What lesson {lesson} builds on. Each function below works in this notebook now."
    if kept:
        first += f" Your notebook had {', '.join(kept)} already: left as it was."
    lines, body = [first], ""
    for exercise in exercises:
        signature = f"{exercise.name}{inspect.signature(exercise.reference)}"
        does = inspect.getdoc(exercise.reference).splitlines()[0]
        lines += [f"{exercise.number}  {signature}", f"     {does}"]
        body += (
            f"<details><summary>{exercise.number} <code>{html.escape(signature)}</code>: "
            f"{html.escape(does)}</summary>"
            f"<pre>{html.escape(inspect.getsource(exercise.reference))}</pre></details>"
        )
    _display("\n".join(lines), f"<p>{html.escape(first)}</p>{body}")
