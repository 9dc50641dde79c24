/* Mends what ipywidgets leaves out, in the output right above this one. Runs where the page is
   trusted; elsewhere no widget is shown, but the sentence that stands in its place. */
(() => {
  const child = document.currentScript.closest(".jp-OutputArea-child");
  const shown = child?.previousElementSibling?.querySelector(".jp-OutputArea-output");
  if (!shown) return;

  const mend = () => {
    // A saved widget cannot be shown again without the kernel that made it.
    if (shown.textContent === "Error displaying widget: model not found")
      shown.textContent = INSTEAD;
    // A screen reader says what a slider is called and where it stands, which button is pressed.
    for (const slider of shown.querySelectorAll(".widget-slider")) {
      const handle = slider.querySelector(".noUi-handle");
      handle?.setAttribute("aria-label", slider.querySelector(".widget-label").textContent);
      handle?.setAttribute("aria-valuetext", slider.querySelector(".widget-readout").textContent);
    }
    for (const button of shown.querySelectorAll(".widget-toggle-button"))
      button.setAttribute("aria-pressed", button.classList.contains("mod-active"));
    // On the buttons of a player are pictures only, and to stop means what to pause means.
    for (const picture of shown.querySelectorAll(".widget-play i")) {
      const name = ["play", "pause"].find((name) => picture.classList.contains("fa-" + name));
      if (name && picture.parentElement.title !== name) picture.parentElement.title = name;
      if (picture.classList.contains("fa-stop")) picture.parentElement.style.display = "none";
    }
  };
  const changes = {childList: true, characterData: true, subtree: true, attributeFilter: ["class"]};
  new MutationObserver(mend).observe(shown, changes);
  mend();

  // JupyterLab would move on to the next cell.
  shown.addEventListener("keydown", (event) => {
    if (event.key.startsWith("Arrow")) event.stopPropagation();
  });
})();
