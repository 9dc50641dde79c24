"""A figure becomes a picture, with a sentence that says what can be seen in it."""

import html
import io

from matplotlib.backends.backend_agg import FigureCanvasAgg


def show(fig, alt):
    """Display a matplotlib figure with `alt`, a sentence that says what can be seen in it.

    The sentence stands in the picture's metadata and, folded, below it: there a screen reader
    finds it, and anyone who cannot see the picture well.
    """
    from IPython.display import display
    from matplotlib import pyplot as plt

    display(
        {"image/png": png(fig, alt), "text/plain": f"Figure: {alt}"},
        metadata={"image/png": {"alt": alt}},
        raw=True,
    )
    described = f"<details><summary>Description</summary>{html.escape(alt)}</details>"
    display({"text/html": described, "text/plain": ""}, raw=True)
    plt.close(fig)


def png(fig, alt):
    """The figure as the bytes of a PNG file that carries `alt` as its description."""
    buffer = io.BytesIO()
    # Not fig.savefig, which draws everything twice.
    FigureCanvasAgg(fig).print_png(
        buffer, metadata={"Description": alt}, pil_kwargs={"compress_level": 3}
    )
    return buffer.getvalue()
