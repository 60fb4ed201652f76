// The region editor: drag or use the keyboard; the numbers in the form follow, and the other way round.
"use strict";

const LEVELS = [...Array.from({ length: 12 }, (_, at) => `T${at + 1}`), ...Array.from({ length: 5 }, (_, at) => `L${at + 1}`)];
const ONE_CHANGE_MS = 800; // key presses this close are undone together
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

class Editor {
  constructor(form) {
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
    form.querySelector("[data-without-script]")?.remove();
    for (const pixels of document.querySelectorAll("[data-picture] [data-pixels]")) {
      pixels.append(...["data-reference", "data-lines", "data-handles"].map((name) => made("g", { [name]: "" })));
    }
    for (const fields of this.all.querySelectorAll("[data-region-fields]")) this.connect(fields);
    this.now = this.state();
    this.listen();
    this.draw();
  }

  connect(fields) {
    const id = fields.dataset.drawnId;
    const shape = id ? document.querySelector(`[data-picture] [data-region="${CSS.escape(id)}"]`) : null;
    const slice = fields.querySelector("[data-slice-index]")?.value;
    const svg = shape?.closest("[data-picture]") ?? this.pictures.find((one) => !slice || one.dataset.slice === slice) ?? this.pictures[0];
    if (!svg) return null;
    const region = new Region(fields, svg.querySelector("[data-pixels]"), shape);
    this.regions.push(region);
    return region;
  }

  // == Changes ==
  state() {
    const values = this.regions.map((region) =>
      Array.from(region.fields.querySelectorAll("input, select, textarea"), (control) => (control.type === "checkbox" ? control.checked : control.value)));
    return JSON.stringify(values);
  }

  restore(state) {
    const all = JSON.parse(state);
    while (this.regions.length > all.length) this.regions.pop().remove();
    while (this.regions.length < all.length) this.add();
    this.regions.forEach((region, at) => {
      region.fields.querySelectorAll("input, select, textarea").forEach((control, index) => {
        if (control.type === "checkbox") control.checked = all[at][index];
        else control.value = all[at][index];
      });
    });
    if (!this.regions.includes(this.selected)) this.selected = this.corner = null;
    this.now = state;
    this.draw();
  }

  commit(sentence, what = "") {
    const state = this.state();
    if (state === this.now) return;
    const goesOn = what && what === this.lastWhat && Date.now() - this.lastAt < ONE_CHANGE_MS;
    if (!goesOn) this.done.push(this.now);
    [this.lastWhat, this.lastAt, this.now, this.undone] = [what, Date.now(), state, []];
    this.draw();
    this.say(sentence);
  }

  step(from, onto, sentence) {
    if (!from.length) return;
    onto.push(this.now);
    this.lastWhat = "";
    this.restore(from.pop());
    this.say(sentence);
  }

  say(sentence) {
    clearTimeout(this.saying);
    this.saying = setTimeout(() => { this.form.querySelector("[data-said]").textContent = sentence; }, 200);
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
      svg.setAttribute("role", isEditing ? "group" : "img");
      svg.querySelector("[data-pixels]").classList.toggle("is-editable", isEditing);
    }
    const picked = this.selected?.isSound ? this.selected.corners : [];
    for (const region of this.regions) {
      region.draw(isEditing, region === this.selected);
      if (region !== this.selected) region.giveWayTo(picked);
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

  addCorner() {
    const region = this.selected;
    if (!region) return;
    const corners = region.corners;
    const at = this.corner ?? longestEdge(corners, region.kind);
    const next = corners[(at + 1) % corners.length];
    const isLast = at === corners.length - 1 && region.kind !== "area";
    const added = region.kind === "points" || isLast
      ? region.inside([corners[at][0] + 10, corners[at][1] + 10])
      : [(corners[at][0] + next[0]) / 2, (corners[at][1] + next[1]) / 2];
    region.corners = [...corners.slice(0, at + 1), added, ...corners.slice(at + 1)];
    this.corner = at + 1;
    this.commit(`Corner added to ${region.name}`);
    region.handles[this.corner][0].focus();
  }

  removeCorner() {
    const region = this.selected;
    if (!region || this.corner === null) return;
    if (region.corners.length <= FEWEST[region.kind]) {
      this.say(`${region.name} needs at least ${FEWEST[region.kind]} corners`);
      return;
    }
    region.corners = region.corners.filter((_, index) => index !== this.corner);
    this.corner = null;
    this.commit(`Corner removed from ${region.name}`);
    region.shape.focus();
  }

  shiftLevels(by) {
    const named = this.regions.filter((region) => LEVELS.includes(region.name));
    const after = named.map((region) => LEVELS[LEVELS.indexOf(region.name) + by]);
    if (!named.length || after.includes(undefined)) {
      this.say(named.length ? "No level is left beyond T1 or L5" : "No region has the name of a level");
      return;
    }
    named.forEach((region, at) => { region.named.value = after[at]; });
    this.commit(`Levels are now ${after.join(", ")}`);
  }

  add() {
    const template = this.form.querySelector("[data-new-region]");
    const number = this.regions.length;
    const copy = template.content.firstElementChild.cloneNode(true);
    for (const element of [copy, ...copy.querySelectorAll("*")]) {
      for (const { name, value } of Array.from(element.attributes)) {
        if (value.includes("NUMBER")) element.setAttribute(name, value.replace("NUMBER", number));
      }
    }
    this.all.append(copy);
    return this.connect(copy);
  }

  addNew(kind) {
    const region = this.add();
    if (!region) return;
    const svg = this.selected?.pixels.closest("svg[data-picture]") ?? this.pictures[0];
    region.putInto(svg.querySelector("[data-pixels]"));
    svg.append(region.label);
    const { width, height } = region.size;
    const [x, y, w, h] = [width / 2, height / 2, width / 10, height / 10];
    region.kindControl.value = kind;
    region.corners = { area: [[x - w, y - h], [x + w, y - h], [x + w, y + h], [x - w, y + h]], line: [[x - w, y], [x + w, y]], points: [[x, y]] }[kind];
    region.named.value = `new_${this.regions.length}`;
    for (const control of region.fields.querySelectorAll("[data-slice-index], [data-first-slice], [data-last-slice]")) control.value = svg.dataset.slice;
    [this.selected, this.corner] = [region, null];
    this.commit(`New ${kind} in the middle of the picture; give it a name`);
    region.shape.focus();
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
    this.form.addEventListener("change", () => this.commit("Changed"));
    this.form.addEventListener("click", (event) => {
      const button = event.target.closest("[data-do]");
      if (button) this.act(button.dataset.do);
    });
    this.details.addEventListener("toggle", () => this.draw());
    this.form.querySelector("[data-undo]").addEventListener("click", (event) => this.undoAll(event));
    this.form.addEventListener("submit", () => (this.form.dataset.leaving = ""));
  }

  drag(start) {
    const grip = this.details.open && this.grip(start.target);
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
    if (!this.details.open || this.undoKeys(event)) return;
    const grip = this.grip(event.target);
    if (!grip) return;
    const arrow = ARROWS[event.key];
    if (arrow) {
      const far = event.shiftKey ? 10 : 1;
      grip.move(arrow[0] * far, arrow[1] * far);
      this.commit(grip.sentence(), event.target.getAttribute("aria-label"));
    } else if (event.key === "Delete" || event.key === "Backspace") this.removeCorner();
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
