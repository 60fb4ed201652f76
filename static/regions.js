// The region editor: drag or use the keyboard; the numbers in the form follow, and the other way round.
"use strict";

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

class Editor extends Changes {
  constructor(form) {
    super();
    this.form = form;
    this.details = form.closest("details");
    this.all = form.querySelector("[data-all-regions]");
    this.pictures = Array.from(document.querySelectorAll("svg[data-picture]:not([data-cut])"));
    this.regions = [];
    this.selected = null;
    this.corner = null;
    this.levelLines = [];
    this.undone = [];
    this.done = [];
    for (const hint of form.querySelectorAll("[data-with-script]")) hint.hidden = false;
    for (const hint of form.querySelectorAll("[data-without-script]")) hint.remove();
    for (const pixels of document.querySelectorAll("[data-picture] [data-pixels]")) {
      pixels.append(...["data-reference", "data-lines", "data-handles"].map((name) => made("g", { [name]: "" })));
    }
    for (const fields of this.all.querySelectorAll("[data-region-fields]")) this.connect(fields);
    this.now = this.state();
    this.listen();
    this.draw();
  }

  where(region) {
    const corners = region.corners;
    const [column, row] = this.corner === null
      ? [0, 1].map((axis) => corners.reduce((sum, corner) => sum + corner[axis], 0) / corners.length)
      : corners[this.corner];
    const what = this.corner === null ? region.name : `${region.name}, corner ${this.corner + 1}`;
    return `${what}: column ${Math.round(column)}, row ${Math.round(row)}`;
  }

  // == Drawing ==
  draw() {
    const isEditing = this.details.open;
    for (const svg of this.pictures) {
      svg.setAttribute("role", isEditing || svg.querySelector("[data-mark]") ? "group" : "img");
      svg.querySelector("[data-pixels]").classList.toggle("is-editable", isEditing);
    }
    const picked = this.selected?.isSound ? this.selected.corners : [];
    // A line on the edge of an area is moved as a whole; its ends are had once it is picked.
    const ofAreas = this.regions.filter((one) => one.kind === "area" && one.isSound).flatMap((one) => one.corners);
    for (const region of this.regions) {
      region.draw(isEditing, region === this.selected);
      if (region !== this.selected) region.giveWayTo(region.kind === "line" ? [...picked, ...ofAreas] : picked);
    }
    this.drawLevelLines(isEditing);
    this.showTools();
    showWhatWaits(this.form);
  }

  // Where two neighbours share an edge, one line moves both.
  drawLevelLines(isEditing) {
    const pairs = isEditing ? sharedEdges(this.regions) : [];
    while (this.levelLines.length > pairs.length) this.levelLines.pop().remove();
    while (this.levelLines.length < pairs.length) this.levelLines.push(made("line", { class: "level-line", role: "button", tabindex: "0" }));
    pairs.forEach((pair, at) => {
      const line = this.levelLines[at];
      const ends = pair.corners.map(([upper, index]) => upper.corners[index]).sort((a, b) => a[0] - b[0]);
      const [first, last] = [ends[0], ends.at(-1)];
      for (const [key, value] of Object.entries({ x1: first[0], y1: first[1], x2: last[0], y2: last[1] })) line.setAttribute(key, value);
      line.setAttribute("aria-label", `Line between ${pair.names.join(" and ")}`);
      const lines = pair.pixels.querySelector("[data-lines]");
      if (line.parentNode !== lines) lines.append(line);
      line.shared = pair;
    });
  }

  showTools() {
    const able = {
      undo: this.done.length > 0,
      redo: this.undone.length > 0,
      "add-corner": this.selected !== null,
      "remove-corner": this.corner !== null && this.selected.corners.length > FEWEST[this.selected.kind],
    };
    for (const [name, isAble] of Object.entries(able)) this.form.querySelector(`[data-do="${name}"]`).disabled = !isAble;
  }

  // == What a person does ==
  select(region, corner = null) {
    if (region === this.selected && corner === this.corner) return;
    [this.selected, this.corner] = [region, corner];
    this.draw();
  }

  // What is under the pointer or has the focus: how it moves, and how it is called.
  grip(element) {
    if (element.shared) return this.gripOfLine(element);
    const region = this.regions.find((one) => one.shape === element || one.handles.some(([target]) => target === element));
    if (!region || !region.isSound) return null;
    const at = region.handles.findIndex(([target]) => target === element);
    const corner = at < 0 ? null : at;
    const before = region.corners;
    const neighbours = corner === null && region.kind === "line" ? cornersNear(before, this.regions, region) : [];
    return {
      select: () => this.select(region, corner),
      sentence: () => this.where(region),
      move: (right, down) => {
        if (corner !== null) {
          region.corners = before.map((one, index) => (index === corner ? region.inside([one[0] + right, one[1] + down]) : one));
          return;
        }
        const after = region.moved(before, right, down);
        region.corners = after;
        follow(neighbours, after[0][0] - before[0][0], after[0][1] - before[0][1]);
      },
    };
  }

  gripOfLine(line) {
    const { corners, names } = line.shared;
    const starts = corners.map(([region, index]) => [region, index, region.corners[index]]);
    return {
      select: () => this.select(null),
      sentence: () => `Line between ${names.join(" and ")} moved`,
      move: (right, down) => follow(starts, right, down),
    };
  }

  sentenceOf(control) {
    const region = this.regions.find((one) => one.fields.contains(control));
    if (!region) return "Changed";
    if (control === region.leftOut) return `${region.name} ${control.checked ? "left out" : "put back"}`;
    return control === region.named ? `Now called ${region.name}` : `${region.name} changed`;
  }

  act(name) {
    const acts = {
      undo: () => this.step(this.done, this.undone, "Undone"),
      redo: () => this.step(this.undone, this.done, "Done again"),
      "add-corner": () => this.addCorner(),
      "remove-corner": () => this.removeCorner(),
      "levels-up": () => this.shiftLevels(-1),
      "levels-down": () => this.shiftLevels(1),
      "new-area": () => this.addNew("area"),
      "new-line": () => this.addNew("line"),
      "new-points": () => this.addNew("points"),
    };
    acts[name]();
  }

  // == Listening ==
  listen() {
    for (const svg of this.pictures) {
      svg.addEventListener("pointerdown", (event) => this.drag(event));
      svg.addEventListener("focusin", (event) => this.grip(event.target)?.select());
      svg.addEventListener("keydown", (event) => this.press(event));
    }
    this.form.addEventListener("keydown", (event) => this.undoKeys(event));
    this.form.addEventListener("input", () => this.draw());
    this.form.addEventListener("change", (event) => this.commit(this.sentenceOf(event.target)));
    // Who goes through the fields sees in the picture which region they are of.
    this.all.addEventListener("focusin", (event) => {
      const region = this.regions.find((one) => one.fields.contains(event.target));
      if (region && region !== this.selected) this.select(region);
    });
    this.form.addEventListener("click", (event) => {
      const button = event.target.closest("[data-do]");
      if (button) this.act(button.dataset.do);
    });
    this.details.addEventListener("toggle", () => this.draw());
    this.form.querySelector("[data-undo]").addEventListener("click", (event) => this.undoAll(event));
    this.form.addEventListener("submit", () => (this.form.dataset.leaving = ""));
  }

  drag(start) {
    const grip = this.details.open && !start.altKey && this.grip(start.target);
    if (!grip) return;
    start.preventDefault();
    const element = start.target;
    grip.select();
    element.focus({ preventScroll: true });
    element.setPointerCapture(start.pointerId);
    const pixels = element.closest("[data-pixels]");
    const from = place(pixels, start);
    const moved = (event) => {
      const now = place(pixels, event);
      grip.move(now.x - from.x, now.y - from.y);
      this.draw();
    };
    element.addEventListener("pointermove", moved);
    const end = () => {
      element.removeEventListener("pointermove", moved);
      this.commit(grip.sentence());
    };
    for (const kind of ["pointerup", "pointercancel"]) element.addEventListener(kind, end, { once: true });
  }

  press(event) {
    if (!this.details.open || this.undoKeys(event) || event.ctrlKey || event.metaKey) return;
    const grip = this.grip(event.target);
    if (!grip) return;
    const arrow = ARROWS[event.key];
    if (arrow) {
      const far = event.shiftKey ? 10 : 1;
      grip.move(arrow[0] * far, arrow[1] * far);
      this.commit(grip.sentence(), event.target.getAttribute("aria-label"));
    } else if (["Delete", "Backspace", "-"].includes(event.key)) this.removeCorner();
    else if (event.key === "Insert" || event.key === "+") this.addCorner();
    else if (event.key === "Enter" && this.corner === null) this.selected?.handles[0][0].focus();
    else if (event.key === "Escape") this.selected?.shape.focus();
    else return;
    event.preventDefault();
  }

  undoKeys(event) {
    const isTyping = event.target.matches("textarea, input:not([type=checkbox])");
    const key = event.key.toLowerCase();
    if (isTyping || !(event.ctrlKey || event.metaKey) || !["z", "y"].includes(key)) return false;
    event.preventDefault();
    this.act(key === "y" || event.shiftKey ? "redo" : "undo");
    return true;
  }

  undoAll(event) {
    // What the server sent back is undone by the page as it was; what only stands here, here.
    const sentBack = "changed" in this.form.dataset;
    this.form.dataset.leaving = "";
    if (sentBack) return;
    event.preventDefault();
    delete this.form.dataset.leaving;
    if (this.done.length) this.restoreFirst();
    else { this.form.reset(); this.draw(); }
  }

  restoreFirst() {
    const first = this.done[0];
    this.done = [];
    this.undone = [];
    this.restore(first);
    this.say("All changes undone");
  }
}
