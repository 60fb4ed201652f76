// Drag a region or one of its corners; the numbers in the form follow, and the other way round.
"use strict";

const SVG = "http://www.w3.org/2000/svg";

function cornersOf(area) {
  return area.value.trim().split("\n").map((line) => line.split(/[,;\s]+/).filter(Boolean).map(Number));
}

function prepare(form) {
  for (const hint of form.querySelectorAll("[data-with-script]")) hint.hidden = false;
  const drawings = [];
  const changed = () => {
    drawings.forEach((draw) => draw());
    showWhatWaits(form);
  };
  for (const fields of form.querySelectorAll("[data-region-fields]")) {
    const id = fields.querySelector("[data-id]").dataset.id;
    const polygon = document.querySelector(`[data-region="${CSS.escape(id)}"]`);
    if (polygon) drawings.push(connect(polygon, fields, () => showWhatWaits(form)));
  }
  form.addEventListener("input", changed);
  form.querySelector("[data-undo]").addEventListener("click", (event) => {
    // What the server sent back is undone by the page as it was; what only stands here, here.
    const sentBack = "changed" in form.dataset;
    form.dataset.leaving = "";
    if (sentBack) return;
    event.preventDefault();
    form.reset();
    delete form.dataset.leaving;
    changed();
  });
  form.addEventListener("submit", () => (form.dataset.leaving = ""));
  changed();
}

function isChanged(form) {
  const differs = (control) =>
    control.type === "checkbox" ? control.checked !== control.defaultChecked : control.value !== control.defaultValue;
  return "changed" in form.dataset || Array.from(form.querySelectorAll("[data-region-fields] :is(input, textarea)")).some(differs);
}

// Nobody may confirm the old regions while believing that the changed ones are meant.
function showWhatWaits(form) {
  const waits = isChanged(form);
  form.querySelector("[data-measure]").classList.toggle("is-main", waits);
  form.querySelector("[data-undo]").hidden = !waits;
  const confirm = document.querySelector("[data-confirm]");
  if (confirm) {
    confirm.disabled = waits;
    confirm.classList.toggle("is-main", !waits);
  }
  const words = document.querySelector("[data-confirm-waits]");
  if (words) words.textContent = waits ? words.dataset.sentence : "";
}

window.addEventListener("beforeunload", (event) => {
  const form = document.querySelector("form[data-correction]");
  if (form && !("leaving" in form.dataset) && isChanged(form)) event.preventDefault();
});
// Coming back with the browser's button, the form is as it was left.
window.addEventListener("pageshow", () => {
  const form = document.querySelector("form[data-correction]");
  if (!form) return;
  delete form.dataset.leaving;
  form.dispatchEvent(new Event("input"));
});
document.addEventListener("click", (event) => {
  const details = event.target.closest("a[href='#correct']") && document.getElementById("correct");
  if (details) details.open = true;
});

// Keeps one outline, its corners and its name where the numbers say; gives the function that draws.
function connect(polygon, fields, changed) {
  const area = fields.querySelector("textarea");
  const leftOut = fields.querySelector("[data-left-out]");
  const label = document.querySelector(`[data-label-of="${CSS.escape(polygon.dataset.region)}"]`);
  const named = fields.querySelector("[data-id]");
  const pixels = polygon.closest("[data-pixels]");
  const details = area.closest("details");
  const handles = [];
  const first = polygon.getBBox();

  const draw = () => {
    const corners = cornersOf(area);
    if (corners.some((corner) => corner.length !== 2 || corner.some(Number.isNaN))) return;
    polygon.setAttribute("points", corners.map((corner) => corner.join(",")).join(" "));
    handles.forEach((lines, index) => {
      if (!corners[index]) return;
      const [column, row] = corners[index];
      for (const line of lines) {
        for (const [name, value] of Object.entries({ x1: column, x2: column, y1: row, y2: row })) line.setAttribute(name, value);
      }
    });
    polygon.classList.toggle("is-left-out", leftOut.checked);
    if (!label) return;
    const now = polygon.getBBox();
    const scale = { x: pixels.width.baseVal.value / pixels.viewBox.baseVal.width, y: pixels.height.baseVal.value / pixels.viewBox.baseVal.height };
    const atStart = label.getAttribute("text-anchor") === "start";
    const right = now.x - first.x + (atStart ? now.width - first.width : 0);
    const down = now.y - first.y + (now.height - first.height) / 2;
    label.setAttribute("transform", `translate(${right * scale.x} ${down * scale.y})`);
    label.textContent = named.value + (leftOut.checked ? ", left out" : "");
    label.classList.toggle("left-out-text", leftOut.checked);
  };
  const write = (corners) => {
    area.value = corners.map((corner) => corner.map((value) => value.toFixed(1)).join(", ")).join("\n");
    draw();
    changed();
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
    const [dot, target] = ["handle", "handle-target"].map((name) => {
      const line = document.createElementNS(SVG, "line");
      line.setAttribute("class", name);
      pixels.append(line);
      return line;
    });
    handles.push([dot, target]);
    drag(target, (before, right, down) =>
      before.map(([column, row], at) => (at === index ? [column + right, row + down] : [column, row])));
  });
  const follow = () => pixels.classList.toggle("is-editable", details.open);
  details.addEventListener("toggle", follow);
  follow();
  return draw;
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
