/* What Sphinx leaves out for those who read without a mouse, or without seeing. */
addEventListener("DOMContentLoaded", () => {
  for (const caption of document.querySelectorAll("p.caption[role=heading]"))
    caption.setAttribute("aria-level", "2");
  // Code and formulas wider than the page are moved by the arrow keys once they have the focus.
  const reachable = () => {
    for (const wide of document.querySelectorAll("pre, div.math"))
      if (wide.scrollWidth > wide.clientWidth || wide.scrollHeight > wide.clientHeight)
        wide.tabIndex = 0;
  };
  reachable();
  document.fonts.ready.then(reachable);
  addEventListener("resize", reachable);
});
