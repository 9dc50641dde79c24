"""A figure becomes a picture, with a sentence that says what can be seen in it."""

import base64
import html
import io

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image
from PIL.PngImagePlugin import PngInfo


def show(fig, alt):
    """Display a matplotlib figure with `alt`, a sentence that says what can be seen in it.

    A screen reader finds the sentence at the picture, and everyone finds it, folded, below.
    """
    from IPython.display import display
    from matplotlib import pyplot as plt

    # As HTML, for only there JupyterLab and nbconvert let a picture have its alternative text.
    described = f"<details><summary>Description</summary>{html.escape(alt)}</details>"
    picture = {"text/html": as_html(png(fig, alt), alt) + described, "text/plain": f"Figure: {alt}"}
    display(picture, raw=True)
    plt.close(fig)


def as_html(data, alt):
    """A picture, given as the bytes of a PNG file, as an <img> with its alternative text."""
    width, height = Image.open(io.BytesIO(data)).size  # known before it is decoded: nothing jumps
    return (
        f'<img alt="{html.escape(alt)}" width="{width}" height="{height}" decoding="sync" '
        f'style="max-width: 100%; height: auto" '
        f'src="data:image/png;base64,{base64.b64encode(data).decode()}">'
    )


def png(fig, alt):
    """The figure as the bytes of a PNG file that carries `alt` as its description."""
    canvas = FigureCanvasAgg(fig)
    canvas.draw()  # not fig.savefig, which draws everything twice
    return encode(canvas.buffer_rgba(), alt)


def encode(pixels, alt, quick=False):
    """Pixels (height, width, 4) as a PNG file; 256 colours make it small, unless it must be quick.

    No colour is more than a few of 255 steps from what was drawn.
    """
    picture = Image.fromarray(np.asarray(pixels)).convert("RGB")
    if not quick:
        picture = picture.quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    description, buffer = PngInfo(), io.BytesIO()
    description.add_itxt("Description", alt)
    picture.save(buffer, "PNG", pnginfo=description, compress_level=1 if quick else 6)
    return buffer.getvalue()
