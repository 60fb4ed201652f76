// What the region editor changes: regions, corners and names, each change with its way back.
"use strict";

const LEVELS = [...Array.from({ length: 12 }, (_, at) => `T${at + 1}`), ...Array.from({ length: 5 }, (_, at) => `L${at + 1}`)];
const ONE_CHANGE_MS = 800; // key presses this close are undone together

// The editor itself adds form, pictures and drawing.
class Changes {
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

  // Lines between two levels, such as L1/L2, are named after both.
  shiftLevels(by) {
    const next = (level) => (level === "S1" ? (by < 0 ? "L5" : undefined) : LEVELS[LEVELS.indexOf(level) + by] ?? (level === "L5" ? "S1" : undefined));
    const isLevel = (name) => LEVELS.includes(name);
    const named = this.regions.filter((region) => isLevel(region.name) || region.name.split("/").every((part) => isLevel(part) || part === "S1"));
    const after = named.map((region) => {
      if (isLevel(region.name)) return LEVELS[LEVELS.indexOf(region.name) + by];
      const parts = region.name.split("/").map(next);
      return parts.includes(undefined) ? undefined : parts.join("/");
    });
    if (!named.length || after.includes(undefined)) {
      this.say(named.length ? "No level is left beyond T1 or L5" : "No region has the name of a level");
      return;
    }
    named.forEach((region, at) => { region.named.value = after[at]; });
    this.commit(`Levels are now ${after.filter(isLevel).join(", ")}`);
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
    region.named.value = `new region ${this.regions.length}`;
    region.fields.querySelector("details").open = false;
    for (const control of region.fields.querySelectorAll("[data-slice-index], [data-first-slice], [data-last-slice]")) control.value = svg.dataset.slice;
    [this.selected, this.corner] = [region, null];
    this.commit(`New ${kind} in the middle of the picture; give it a name`);
    region.shape.focus();
  }
}
