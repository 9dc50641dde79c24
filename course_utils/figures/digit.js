/* Paper to draw on by mouse, finger or pen. Its ink goes to Python, a byte for each pixel. While
   Python is busy, ipywidgets keeps the newest drawing only. */
function render({model, el}) {
  const side = model.get("side");
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", model.get("name"));
  canvas.style.cssText =
    "width: 196px; height: 196px; margin: 2px 12px 2px 2px; border: 1px solid gray; " +
    "cursor: crosshair; touch-action: none;";
  const paper = canvas.getContext("2d", {willReadFrequently: true});
  Object.assign(paper, {lineWidth: side / 12, lineCap: "round", lineJoin: "round"});

  let sent = null;
  const empty = () => {
    paper.fillStyle = "white";
    paper.fillRect(0, 0, side, side);
  };
  const show = () => {
    const ink = model.get("value");
    if (ink === sent) return;
    empty();
    const picture = paper.getImageData(0, 0, side, side);
    for (let i = 0; i < side * side; i++)
      picture.data.fill(255 - ink.getUint8(i), 4 * i, 4 * i + 3);  // red, green, blue
    paper.putImageData(picture, 0, 0);
  };
  const send = () => {
    const {data} = paper.getImageData(0, 0, side, side);
    sent = new DataView(Uint8Array.from({length: side * side}, (_, i) => 255 - data[4 * i]).buffer);
    model.set("value", sent);
    model.save_changes();
  };

  let drawing = null, last = null;  // the pointer that draws, and where it was
  const draw = (event) => {
    const here = [event.offsetX, event.offsetY].map((at) => (at * side) / canvas.clientWidth);
    paper.beginPath();
    paper.moveTo(...(last ?? [here[0] - 0.01, here[1]]));  // a line of no length is not drawn
    paper.lineTo(...here);
    paper.stroke();
    last = here;
    send();
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button || drawing !== null) return;  // a second finger, or the palm
    drawing = event.pointerId;
    canvas.setPointerCapture(drawing);
    draw(event);
  });
  canvas.addEventListener("pointermove", (event) => event.pointerId === drawing && draw(event));
  for (const end of ["pointerup", "pointercancel"])
    canvas.addEventListener(end, (event) => {
      if (event.pointerId === drawing) drawing = last = null;
    });

  // Here, not in Python: what was drawn last may still be on its way there.
  const button = document.createElement("button");
  button.className = "jupyter-button";
  button.textContent = "empty paper";
  button.style.cssText = "display: block; padding: 0 10px";
  button.addEventListener("click", () => { empty(); send(); });

  model.on("change:value", show);
  show();
  el.append(canvas, button);
  return () => model.off("change:value", show);
}
export default {render};
