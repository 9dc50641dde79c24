"""How all figures look: colours that are safe for the colour-blind, and never colour alone.

Lines differ in their dashes as well, classes in their markers.
"""

import matplotlib
from cycler import cycler
from matplotlib.colors import LinearSegmentedColormap

# The palette of Okabe and Ito, without its yellow, which is faint on white.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]

# The first two for letters: dark enough to be read on white (a contrast of 4.5 to 1 or more).
INK = ["#0072B2", "#B85000"]

DASHES = ["-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1, 1, 1)), (0, (1, 1))]

MARKERS = ["o", "^", "s", "D", "v", "P", "X"]

# For a probability: pale versions of the colours of class 0 and class 1, white between them.
SHADES = LinearSegmentedColormap.from_list("shades", ["#9CC9E8", "#FFFFFF", "#F3C2A0"])

# For numbers of both signs: 0 is white, and below 0 is darker than above, in grey print too.
SIGNED = LinearSegmentedColormap.from_list("signed", ["#08306B", "#FFFFFF", "#D55E00"])


def use_style():
    """Set matplotlib up as in all lessons: safe colours with dashes, readable letters."""
    matplotlib.rcParams.update(
        {
            "axes.prop_cycle": cycler(color=COLOURS, linestyle=DASHES),
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlesize": "medium",
            "figure.constrained_layout.use": True,
            "figure.dpi": 90,
            "font.size": 11,
            "image.cmap": "cividis",
            "legend.frameon": False,
        }
    )
