"""How far a training is, for whoever watches."""

import html
import os
import sys
import time

BETWEEN = 0.2  # seconds between two pictures of the bar; a training that is quicker needs none


def progress_bar(total, shown=None):
    """A context with `update()`, called after each of `total` steps, and `set_postfix_str(text)`.

    shown : True or False to show a bar or not; None shows it where somebody watches. Nothing is
        left of it when the context ends.
    """
    if shown is None:
        # JupyterLab and Notebook set JPY_SESSION_NAME for the kernels they start; nbval and
        # nbconvert do not.
        shown = "JPY_SESSION_NAME" in os.environ or sys.stderr.isatty()
    if shown and _in_notebook():
        return NotebookBar(total)
    from tqdm import tqdm

    return tqdm(total=total, unit="step", leave=False, disable=not shown)


def _in_notebook():
    """Whether IPython runs as the kernel of a notebook."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")


class NotebookBar:
    """A bar as HTML. A widget's would be saved with the notebook, and be an error when reopened."""

    def __init__(self, total):
        self.total, self.done, self.text = total, 0, ""
        self.output = None  # the cell's output that holds the bar
        self.start = self.drawn = time.monotonic()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self.output is not None:
            self.output.update({}, raw=True)  # Jupyter can empty an output, but not remove it

    def update(self):
        """One more step is done."""
        self.done += 1
        if time.monotonic() - self.drawn >= BETWEEN:
            self._draw()

    def set_postfix_str(self, text):
        """What to say behind the bar from now on."""
        self.text = text

    def _draw(self):
        self.drawn = time.monotonic()
        left = (self.drawn - self.start) * (self.total - self.done) / self.done
        said = f"step {self.done:,} of {self.total:,}, about {left:.0f} s left"
        if self.text:
            said += f". {self.text}"
        bar = f'<progress value="{self.done}" max="{self.total}" aria-label="training"></progress>'
        self._display({"text/html": f"{bar} {html.escape(said)}", "text/plain": said})

    def _display(self, data):
        if self.output is None:
            from IPython.display import display

            self.output = display(data, raw=True, display_id=True)
        else:
            self.output.update(data, raw=True)
