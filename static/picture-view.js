// How pictures are looked at: zoom, place, window and level. What is measured does not change.
"use strict";

const ZOOM_STEP = 1.4, PIXEL_CSS = 24; // at the closest, a pixel of the scan is this large on the screen
const DRAWN = "http://www.w3.org/2000/svg";
const PAN_KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

class PictureView {
  constructor(svg, changed) {
    this.svg = svg;
    this.changed = changed;
    this.linked = [];
    const { x, y, width, height } = svg.viewBox.baseVal;
    this.whole = { x, y, width, height };
    this.box = { ...this.whole };
    svg.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    svg.addEventListener("pointerdown", (event) => this.pan(event));
    svg.addEventListener("touchstart", (event) => this.pinch(event), { passive: false });
    svg.addEventListener("keydown", (event) => this.press(event));
    svg.addEventListener("focusin", (event) => this.reveal(event.target));
  }

  get zoom() { return this.whole.width / this.box.width; }

  // How many units of the drawing a pixel of the scan has.
  get pixel() {
    const pixels = this.svg.querySelector("[data-pixels]");
    return pixels.width.baseVal.value / pixels.viewBox.baseVal.width;
  }

  get most() {
    const css = this.svg.getBoundingClientRect().width || 1;
    return Math.max(4, (PIXEL_CSS * this.whole.width) / (this.pixel * css));
  }

  show(box, isEcho = false) {
    const width = Math.min(Math.max(box.width, this.whole.width / this.most), this.whole.width);
    const height = (width * this.whole.height) / this.whole.width;
    const within = (at, size, from, room) => Math.min(Math.max(at, from), from + room - size);
    this.box = {
      width, height,
      x: within(box.x, width, this.whole.x, this.whole.width),
      y: within(box.y, height, this.whole.y, this.whole.height),
    };
    this.svg.setAttribute("viewBox", `${this.box.x} ${this.box.y} ${width} ${height}`);
    this.svg.classList.toggle("is-zoomed", this.zoom > 1.01);
    const css = (this.pixel * this.svg.getBoundingClientRect().width) / width;
    this.svg.classList.toggle("is-pixels", css > 6);
    for (const text of this.svg.querySelectorAll(":scope > text")) {
      text.dataset.size ??= text.getAttribute("font-size");
      text.setAttribute("font-size", text.dataset.size / this.zoom);
    }
    for (const mark of this.svg.querySelectorAll("[data-mark]")) {
      mark.setAttribute("transform", `translate(${mark.dataset.mark}) scale(${1 / this.zoom})`);
    }
    if (isEcho) return;
    const share = { x: (this.box.x - this.whole.x) / this.whole.width, y: (this.box.y - this.whole.y) / this.whole.height, of: width / this.whole.width };
    for (const other of this.linked) {
      other.show({ x: other.whole.x + share.x * other.whole.width, y: other.whole.y + share.y * other.whole.height, width: share.of * other.whole.width }, true);
    }
    this.changed(this.zoom);
  }

  at(x, y) {
    return new DOMPoint(x, y).matrixTransform(this.svg.getScreenCTM().inverse());
  }

  // Keeps a point, or the middle, where it is.
  by(factor, point) {
    const { x, y, width, height } = this.box;
    const at = point ?? { x: x + width / 2, y: y + height / 2 };
    const least = this.whole.width / this.most;
    const next = Math.min(Math.max(width / factor, least), this.whole.width);
    const real = width / next;
    this.show({ width: next, x: at.x - (at.x - x) / real, y: at.y - (at.y - y) / real });
  }

  wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return; // the page scrolls
    event.preventDefault();
    this.by(event.deltaY < 0 ? ZOOM_STEP : 1 / ZOOM_STEP, this.at(event.clientX, event.clientY));
  }

  press(event) {
    const pan = (event.ctrlKey || event.metaKey) && PAN_KEYS[event.key];
    if (pan) this.show({ ...this.box, x: this.box.x + pan[0] * this.box.width / 8, y: this.box.y + pan[1] * this.box.height / 8 });
    else if (event.ctrlKey || event.metaKey || event.altKey) return;
    else if (event.key === "z") this.by(ZOOM_STEP);
    else if (event.key === "x") this.by(1 / ZOOM_STEP);
    else if (event.key === "0") this.show(this.whole);
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  // What has the focus is never outside of what is seen.
  reveal(element) {
    if (this.zoom <= 1.01 || !element.getBBox || element.matches(":active")) return;
    const seen = this.svg.getBoundingClientRect(), there = element.getBoundingClientRect();
    const x = there.left + there.width / 2, y = there.top + there.height / 2;
    if (x > seen.left && x < seen.right && y > seen.top && y < seen.bottom) return;
    const middle = this.at(x, y);
    this.show({ ...this.box, x: middle.x - this.box.width / 2, y: middle.y - this.box.height / 2 });
  }

  pan(start) {
    if (start.altKey) this.drag(start, (event, last) => this.onWindow?.(event.clientX - last.clientX, event.clientY - last.clientY));
    else if (this.zoom > 1.01 && !start.target.closest(".is-editable .region, .handle-target, .level-line, a")) {
      const scale = this.box.width / this.svg.getBoundingClientRect().width;
      this.drag(start, (event, last) => this.show({ ...this.box, x: this.box.x - (event.clientX - last.clientX) * scale, y: this.box.y - (event.clientY - last.clientY) * scale }));
    }
  }

  drag(start, moved) {
    start.preventDefault();
    start.stopImmediatePropagation();
    this.svg.setPointerCapture(start.pointerId);
    let last = start;
    const follow = (event) => { moved(event, last); last = event; };
    this.svg.addEventListener("pointermove", follow);
    for (const end of ["pointerup", "pointercancel"]) {
      this.svg.addEventListener(end, () => this.svg.removeEventListener("pointermove", follow), { once: true });
    }
  }

  // Two fingers zoom about the point between them and move the picture with it.
  pinch(start) {
    if (start.touches.length !== 2) return;
    start.preventDefault();
    const spread = ({ touches: [one, other] }) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
    const middle = ({ touches: [one, other] }) => this.at((one.clientX + other.clientX) / 2, (one.clientY + other.clientY) / 2);
    let before = spread(start);
    const follow = (event) => {
      if (event.touches.length !== 2) return;
      event.preventDefault();
      const now = spread(event);
      this.by(now / before, middle(event));
      before = now;
    };
    this.svg.addEventListener("touchmove", follow, { passive: false });
    this.svg.addEventListener("touchend", () => this.svg.removeEventListener("touchmove", follow), { once: true });
  }
}

// A window over the greys, as the scanner's own console has it: a line from black to white.
class Look {
  constructor(tools, pictures) {
    this.tools = tools;
    this.range = [Number(tools.dataset.low), Number(tools.dataset.high)];
    this.lines = pictures.map((svg, at) => this.filterOf(svg, at));
    this.pictures = pictures;
    tools.addEventListener("input", () => this.apply());
    this.apply();
  }

  control(name) { return this.tools.querySelector(`[data-look=${name}]`); }

  filterOf(svg, at) {
    const element = (name, attributes, parent) => {
      const one = document.createElementNS(DRAWN, name);
      for (const [key, value] of Object.entries(attributes)) one.setAttribute(key, value);
      parent.append(one);
      return one;
    };
    const id = `look-${at}-${svg.querySelector("title")?.id ?? ""}`;
    const filter = element("filter", { id, x: 0, y: 0, width: 1, height: 1, "color-interpolation-filters": "sRGB" }, svg);
    const transfer = element("feComponentTransfer", {}, filter);
    svg.querySelector("image").setAttribute("filter", `url(#${id})`);
    return ["R", "G", "B"].map((channel) => element(`feFunc${channel}`, { type: "linear" }, transfer));
  }

  set(low, high) {
    this.control("width").value = high - low;
    this.control("level").value = (high + low) / 2;
    this.apply();
  }

  move(right, down) {
    const step = (this.range[1] - this.range[0]) / 300;
    this.control("width").value = Number(this.control("width").value) + right * step;
    this.control("level").value = Number(this.control("level").value) + down * step;
    this.apply();
  }

  reset() {
    this.control("invert").checked = false;
    this.set(...this.range);
  }

  apply() {
    const [width, level] = ["width", "level"].map((name) => Number(this.control(name).value));
    const room = this.range[1] - this.range[0];
    let slope = room / width;
    let intercept = -(level - width / 2 - this.range[0]) / width;
    if (this.control("invert").checked) [slope, intercept] = [-slope, 1 - intercept];
    for (const line of this.lines.flat()) {
      line.setAttribute("slope", slope.toFixed(4));
      line.setAttribute("intercept", intercept.toFixed(4));
    }
    for (const [name, value] of Object.entries({ width, level })) {
      this.tools.querySelector(`[data-shown=${name}]`).textContent = String(Math.round(value)).replace("-", "\u2212");
    }
    for (const svg of this.pictures) svg.classList.toggle("is-bare", this.control("bare").checked);
  }
}

function prepareViews(root) {
  const tools = root.querySelector("[data-view-tools]");
  const pictures = Array.from(root.querySelectorAll("svg[data-view-of]"));
  if (!tools || !pictures.length) return;
  tools.hidden = false;
  const zoomed = (zoom) => { tools.querySelector("[data-zoom]").textContent = `${Math.round(100 * zoom)}\u00a0%`; };
  const views = pictures.map((svg) => new PictureView(svg, zoomed));
  for (const view of views) view.linked = views.filter((other) => other !== view && view.svg.dataset.viewOf && other.svg.dataset.viewOf === view.svg.dataset.viewOf);
  const look = new Look(tools, pictures);
  for (const view of views) view.onWindow = (right, down) => look.move(right, down);
  const steps = { in: (view) => view.by(ZOOM_STEP), out: (view) => view.by(1 / ZOOM_STEP), fit: (view) => view.show(view.whole) };
  tools.addEventListener("click", (event) => {
    const { view, preset } = event.target.closest("[data-view], [data-preset]")?.dataset ?? {};
    if (preset) look.set(...preset.split(" ").map(Number));
    else if (view === "reset") look.reset();
    // Of pictures that go together one leads.
    else if (view) views.filter((one, at) => !one.linked.some((other) => views.indexOf(other) < at)).forEach(steps[view]);
  });
}
