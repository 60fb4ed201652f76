// Drag a region or one of its corners; the numbers in the form follow, and the other way round.
"use strict";

const SVG = "http://www.w3.org/2000/svg";

function cornersOf(area) {
  return area.value.trim().split("\n").map((line) => line.split(/[,;\s]+/).filter(Boolean).map(Number));
}

function prepare(form) {
  for (const hint of form.querySelectorAll("[data-with-script]")) hint.hidden = false;
  for (const fields of form.querySelectorAll("[data-region-fields]")) {
    const id = fields.querySelector("[data-id]").dataset.id;
    const area = fields.querySelector("textarea");
    const polygon = document.querySelector(`[data-region="${CSS.escape(id)}"]`);
    if (polygon) connect(polygon, area);
  }
}

function connect(polygon, area) {
  const pixels = polygon.closest("[data-pixels]");
  const details = area.closest("details");
  const handles = [];

  const draw = () => {
    const corners = cornersOf(area);
    if (corners.some((corner) => corner.length !== 2 || corner.some(Number.isNaN))) return;
    polygon.setAttribute("points", corners.map((corner) => corner.join(",")).join(" "));
    handles.forEach((handle, index) => {
      if (!corners[index]) return;
      handle.setAttribute("x1", corners[index][0]);
      handle.setAttribute("x2", corners[index][0]);
      handle.setAttribute("y1", corners[index][1]);
      handle.setAttribute("y2", corners[index][1]);
    });
  };
  const write = (corners) => {
    area.value = corners.map((corner) => corner.map((value) => value.toFixed(1)).join(", ")).join("\n");
    draw();
  };
  const drag = (element, moved) => {
    element.addEventListener("pointerdown", (start) => {
      if (!details.open) return;
      start.preventDefault();
      element.setPointerCapture(start.pointerId);
      const from = place(pixels, start);
      const before = cornersOf(area);
      const follow = (event) => {
        const now = place(pixels, event);
        write(moved(before, now.x - from.x, now.y - from.y));
      };
      element.addEventListener("pointermove", follow);
      element.addEventListener("pointerup", () => element.removeEventListener("pointermove", follow), { once: true });
    });
  };

  drag(polygon, (before, right, down) => before.map(([column, row]) => [column + right, row + down]));
  cornersOf(area).forEach((_, index) => {
    // A line of no length with round ends is a dot that keeps its size whatever the scale.
    const handle = document.createElementNS(SVG, "line");
    handle.setAttribute("class", "handle");
    pixels.append(handle);
    handles.push(handle);
    drag(handle, (before, right, down) =>
      before.map(([column, row], at) => (at === index ? [column + right, row + down] : [column, row])));
  });
  const follow = () => pixels.classList.toggle("is-editable", details.open);
  details.addEventListener("toggle", follow);
  area.addEventListener("input", draw);
  follow();
  draw();
}

// Where the pointer is, in pixels of the scan.
function place(pixels, event) {
  const point = new DOMPoint(event.clientX, event.clientY);
  return point.matrixTransform(pixels.querySelector("polygon").getScreenCTM().inverse());
}

function start(root) {
  for (const form of root.querySelectorAll("form[data-correction]")) prepare(form);
}

start(document);
document.addEventListener("htmx:afterSwap", () => {
  const body = document.getElementById("scan-body");
  if (body) start(body);
});
