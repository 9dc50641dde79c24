"""Figures of the lessons, each with a sentence that says what it shows; and explorers.

`plot_...` functions draw a whole figure and show it; `draw_...` functions draw into axes that
you give them. What belongs to one idea stands in one file: how it is drawn, its figure in the
lesson, its explorer.
"""
