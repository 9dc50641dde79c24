"""How Sphinx writes the course as a book; `make book` calls it, through tools/book.py."""

import os

project = "Neural networks in NumPy"
extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.viewcode",
    "course_pages",
]
exclude_patterns = ["conf.py"]
nb_execution_mode = "off"  # the outputs that the notebooks hold are shown
nb_render_markdown_format = "myst"
myst_enable_extensions = ["amsmath", "dollarmath"]
myst_heading_anchors = 3
numpydoc_show_class_members = False
autodoc_member_order = "bysource"
autodoc_typehints = "none"
html_math_renderer = "mathml"
html_theme = "furo"
html_title = project
html_static_path = ["static"]
html_css_files = ["book.css"]
html_js_files = ["book.js"]
html_domain_indices = False
html_copy_source = False
html_show_sphinx = False
browser_version = os.environ.get("BROWSER", "")  # the address of what `make site` writes
repository = os.environ.get("REPOSITORY", "")  # owner/name on GitHub, for Binder and Colab
