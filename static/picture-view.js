// How a picture is looked at: zoom, its place, contrast. What is measured does not change.
"use strict";

const MOST_ZOOM = 12, ZOOM_STEP = 1.4;

class PictureView {
  constructor(svg) {
    this.svg = svg;
    const { x, y, width, height } = svg.viewBox.baseVal;
    this.whole = { x, y, width, height };
    this.box = { ...this.whole };
    svg.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    svg.addEventListener("pointerdown", (event) => this.pan(event));
  }

  get zoom() { return this.whole.width / this.box.width; }

  show(box) {
    const least = this.whole.width / MOST_ZOOM;
    const width = Math.min(Math.max(box.width, least), this.whole.width);
    const height = (width * this.whole.height) / this.whole.width;
    const within = (at, size, from, room) => Math.min(Math.max(at, from), from + room - size);
    this.box = {
      width, height,
      x: within(box.x, width, this.whole.x, this.whole.width),
      y: within(box.y, height, this.whole.y, this.whole.height),
    };
    this.svg.setAttribute("viewBox", `${this.box.x} ${this.box.y} ${width} ${height}`);
    this.svg.classList.toggle("is-zoomed", this.zoom > 1.01);
    for (const text of this.svg.querySelectorAll("text")) {
      text.dataset.size ??= text.getAttribute("font-size");
      text.setAttribute("font-size", text.dataset.size / this.zoom);
    }
  }

  // Keeps the point under the pointer, or the middle, where it is.
  by(factor, event) {
    const { x, y, width, height } = this.box;
    const at = event
      ? new DOMPoint(event.clientX, event.clientY).matrixTransform(this.svg.getScreenCTM().inverse())
      : { x: x + width / 2, y: y + height / 2 };
    this.show({ width: width / factor, x: at.x - (at.x - x) / factor, y: at.y - (at.y - y) / factor });
  }

  wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return; // the page scrolls
    event.preventDefault();
    this.by(event.deltaY < 0 ? ZOOM_STEP : 1 / ZOOM_STEP, event);
  }

  pan(start) {
    if (this.zoom <= 1.01 || start.target.closest(".is-editable .region, .handle-target, .level-line")) return;
    start.preventDefault();
    const from = { ...this.box };
    const scale = from.width / this.svg.getBoundingClientRect().width;
    this.svg.setPointerCapture(start.pointerId);
    const follow = (event) => this.show({
      ...from, x: from.x - (event.clientX - start.clientX) * scale, y: from.y - (event.clientY - start.clientY) * scale,
    });
    this.svg.addEventListener("pointermove", follow);
    for (const end of ["pointerup", "pointercancel"]) {
      this.svg.addEventListener(end, () => this.svg.removeEventListener("pointermove", follow), { once: true });
    }
  }
}

function prepareViews(root) {
  const tools = root.querySelector("[data-view-tools]");
  const pictures = Array.from(root.querySelectorAll("svg[data-picture]"));
  if (!tools || !pictures.length) return;
  tools.hidden = false;
  const views = pictures.map((svg) => new PictureView(svg));
  const steps = {
    in: (view) => view.by(ZOOM_STEP),
    out: (view) => view.by(1 / ZOOM_STEP),
    fit: (view) => view.show(view.whole),
  };
  for (const button of tools.querySelectorAll("[data-view]")) {
    button.addEventListener("click", () => views.forEach(steps[button.dataset.view]));
  }
  const look = () => {
    const value = (name) => tools.querySelector(`[data-look=${name}]`);
    const filter = `${value("invert").checked ? "invert(1) " : ""}brightness(${value("brightness").value}%) contrast(${value("contrast").value}%)`;
    for (const svg of pictures) {
      svg.querySelector("image").style.filter = filter;
      svg.classList.toggle("is-bare", value("bare").checked);
    }
  };
  tools.addEventListener("input", look);
}
