// One region over the picture: its outline, corners and name, kept where the numbers say.
"use strict";

const SVG = "http://www.w3.org/2000/svg";
const FEWEST = { area: 3, line: 2, points: 1 };
const LABEL_GAP = 6;
const MANY_CORNERS = 10;

function cornersOf(text) {
  return text.trim().split("\n").map((line) => line.split(/[,;\s]+/).filter(Boolean).map(Number));
}

function asText(corners) {
  return corners.map((corner) => corner.map((value) => value.toFixed(1)).join(", ")).join("\n");
}

function made(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function pathOf(kind, corners) {
  // A stroke of no length with round ends is a dot that keeps its size whatever the scale.
  if (kind === "points") return corners.map(([x, y]) => `M${x} ${y}h0`).join("");
  return `M${corners.map((corner) => corner.join(" ")).join("L")}${kind === "area" ? "Z" : ""}`;
}

// Where the pointer is, in pixels of the scan.
function place(pixels, event) {
  const point = new DOMPoint(event.clientX, event.clientY);
  return point.matrixTransform(pixels.querySelector("[data-reference]").getScreenCTM().inverse());
}

function boxOf(corners) {
  const [columns, rows] = [corners.map((corner) => corner[0]), corners.map((corner) => corner[1])];
  return { left: Math.min(...columns), right: Math.max(...columns), top: Math.min(...rows), bottom: Math.max(...rows) };
}

class Region {
  constructor(fields, pixels, shape) {
    this.fields = fields;
    this.pixels = pixels;
    this.area = fields.querySelector("textarea");
    this.named = fields.querySelector("[data-id]");
    this.kindControl = fields.querySelector("[data-kind]");
    this.leftOut = fields.querySelector("[data-left-out]");
    this.handles = [];
    this.shape = made("path", { class: "region", "data-region": fields.dataset.drawnId, role: "button" });
    this.handleGroup = made("g", {});
    if (shape) {
      this.shape.classList.toggle("is-unsure", shape.classList.contains("is-unsure"));
      shape.replaceWith(this.shape);
    }
    this.putInto(pixels);
    this.placedBy = this.area.value; // the server placed the name for these corners
    this.label = shape && document.querySelector(`[data-picture] [data-label-of="${CSS.escape(fields.dataset.drawnId)}"]`);
    this.leader = document.querySelector(`[data-picture] [data-leader-of="${CSS.escape(fields.dataset.drawnId)}"]`);
    if (!this.label) {
      const other = pixels.parentNode.querySelector("text");
      this.label = made("text", { "font-size": other?.getAttribute("font-size") ?? 13, "text-anchor": "start" });
      pixels.parentNode.append(this.label);
      this.placedBy = null;
    }
    // What the server wrote stands until a person changes the name or leaves the region out.
    this.written = { name: this.name, leftOut: this.leftOut.checked, text: this.label.textContent };
  }

  // Shapes lie below the lines between levels, and those below all corners.
  putInto(pixels) {
    this.pixels = pixels;
    if (this.shape.parentNode !== pixels) pixels.querySelector("[data-lines]").before(this.shape);
    pixels.querySelector("[data-handles]").append(this.handleGroup);
  }

  // Where corners of two regions lie on each other, those of the picked one can be had.
  giveWayTo(picked) {
    this.handles.forEach(([target], index) => {
      const isBeneath = this.isSound && picked.some((corner) => near(corner, this.corners[index]));
      target.classList.toggle("is-beneath", isBeneath);
    });
  }

  get name() { return this.named.value.trim().replaceAll("_", " ") || "Region without a name"; }
  get kind() { return this.kindControl.value; }
  get corners() { return cornersOf(this.area.value); }
  set corners(corners) { this.area.value = asText(corners); }
  get isSound() { return this.corners.every((corner) => corner.length === 2 && !corner.some(Number.isNaN)); }
  get size() { return this.pixels.viewBox.baseVal; }

  // Whole regions stop at the edge of the picture and keep their form.
  moved(before, right, down) {
    const box = boxOf(before);
    const { width, height } = this.size;
    const dx = Math.min(Math.max(right, -0.5 - box.left), width - 0.5 - box.right);
    const dy = Math.min(Math.max(down, -0.5 - box.top), height - 0.5 - box.bottom);
    return before.map(([column, row]) => [column + dx, row + dy]);
  }

  inside([column, row]) {
    const { width, height } = this.size;
    return [Math.min(Math.max(column, -0.5), width - 0.5), Math.min(Math.max(row, -0.5), height - 0.5)];
  }

  draw(isEditing, isSelected) {
    if (!this.isSound) return;
    const corners = this.corners;
    this.shape.setAttribute("d", pathOf(this.kind, corners));
    this.shape.classList.toggle("is-points", this.kind === "points");
    this.shape.classList.toggle("is-line", this.kind === "line");
    this.shape.classList.toggle("is-left-out", this.leftOut.checked);
    this.shape.classList.toggle("is-selected", isEditing && isSelected);
    const words = { area: "area", line: "line", points: "landmarks" }[this.kind];
    this.shape.setAttribute("aria-label", `${this.name}, ${words}, ${corners.length} corners`);
    if (isEditing) this.shape.setAttribute("tabindex", "0");
    else this.shape.removeAttribute("tabindex");
    this.drawHandles(corners, isEditing && isSelected);
    this.drawLabel(corners);
  }

  drawHandles(corners, isReachable) {
    while (this.handles.length > corners.length) this.handles.pop().forEach((line) => line.remove());
    while (this.handles.length < corners.length) {
      const pair = ["handle-target", "handle"].map((name) => made("line", { class: name }));
      pair[0].setAttribute("role", "button");
      this.handleGroup.append(...pair);
      this.handles.push(pair);
    }
    this.handles.forEach(([target, dot], index) => {
      const [column, row] = corners[index];
      for (const line of [target, dot]) {
        for (const [key, value] of Object.entries({ x1: column, x2: column, y1: row, y2: row })) line.setAttribute(key, value);
      }
      target.setAttribute("aria-label", `${this.name}, corner ${index + 1} of ${corners.length}`);
      target.classList.remove("is-beneath");
      // So many corners would hide the bone: they show once their region is picked.
      for (const line of [target, dot]) line.classList.toggle("is-resting", corners.length > MANY_CORNERS && !isReachable);
      if (isReachable) target.setAttribute("tabindex", "0");
      else target.removeAttribute("tabindex");
    });
  }

  drawLabel(corners) {
    const { name, leftOut, text } = this.written;
    const isAsWritten = text && this.name === name && this.leftOut.checked === leftOut;
    this.label.textContent = isAsWritten ? text : this.name.replaceAll("_", " ") + (this.leftOut.checked ? ", left out" : "");
    this.label.classList.toggle("left-out-text", this.leftOut.checked);
    if (this.area.value === this.placedBy) return;
    this.placedBy = null;
    this.shape.classList.remove("is-unsure");
    this.leader?.remove();
    const box = boxOf(corners);
    const scale = [this.pixels.width.baseVal.value / this.size.width, this.pixels.height.baseVal.value / this.size.height];
    const fits = (box.right + 0.5) * scale[0] + LABEL_GAP + this.label.getComputedTextLength() < this.pixels.width.baseVal.value;
    const x = fits ? (box.right + 0.5) * scale[0] + LABEL_GAP : (box.left + 0.5) * scale[0] - LABEL_GAP;
    this.label.setAttribute("text-anchor", fits ? "start" : "end");
    this.label.setAttribute("x", x.toFixed(1));
    this.label.setAttribute("y", (((box.top + box.bottom) / 2 + 0.5) * scale[1] + 4).toFixed(1));
  }

  remove() {
    this.handleGroup.remove();
    this.shape.remove();
    this.label.remove();
    this.leader?.remove();
    this.fields.remove();
  }
}
