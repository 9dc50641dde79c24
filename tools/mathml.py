"""LaTeX as MathML, which browsers show without a script: for slides and for the book."""

import re

from latex2mathml.converter import convert


def formula(latex, display):
    """LaTeX as MathML, with the spaces that TeX gives it: in x = -1, in log x."""
    mathml = convert(latex, display=display)
    after_operator = "(?<!&#x00029;)(?<!&#x0005D;)</mo><mo>"  # ) or ] before a minus: a difference
    mathml = re.sub(f"{after_operator}(?=&#x02212;)", '</mo><mo form="prefix">', mathml)
    return re.sub(r"(<mi>(log|exp|tanh)</mi>)(?=<m[^o])", r'\1<mspace width="0.2em"/>', mathml)
