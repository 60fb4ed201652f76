// Regions that lie beside each other: corners and edges that they have in common.
"use strict";

const SHARED_WITHIN = 3; // pixels: corners this near are one corner of two neighbours

function near(one, other) {
  return Math.hypot(one[0] - other[0], one[1] - other[1]) <= SHARED_WITHIN;
}

function cornersNear(places, regions, except) {
  return regions
    .filter((region) => region !== except && region.pixels === except.pixels && region.isSound)
    .flatMap((region) => region.corners.flatMap((corner, index) => (places.some((one) => near(one, corner)) ? [[region, index, corner]] : [])));
}

function follow(starts, right, down) {
  for (const [region, index, start] of starts) {
    region.corners = region.corners.map((one, at) => (at === index ? region.inside([start[0] + right, start[1] + down]) : one));
  }
}

// Edges that two areas of one picture have in common, from the head down.
function sharedEdges(regions) {
  const areas = regions.filter((region) => region.kind === "area" && region.isSound && !region.leftOut.checked);
  return areas.flatMap((upper, at) =>
    areas.slice(at + 1).flatMap((lower) => {
      if (lower.pixels !== upper.pixels) return [];
      const pairs = upper.corners.flatMap((corner, index) =>
        lower.corners.flatMap((other, otherIndex) => (near(corner, other) ? [[[upper, index], [lower, otherIndex]]] : [])));
      if (pairs.length < 2) return [];
      const names = [upper, lower].map((region) => region.name);
      // A line that stands for this edge goes with it.
      const places = pairs.map(([[region, index]]) => region.corners[index]);
      const lines = cornersNear(places, regions.filter((one) => one.kind === "line"), upper);
      return [{ corners: [...pairs.flat(), ...lines.map(([region, index]) => [region, index])], names, pixels: upper.pixels }];
    }));
}

function longestEdge(corners, kind) {
  const edges = kind === "area" ? corners.length : corners.length - 1;
  const lengths = corners.slice(0, Math.max(edges, 1)).map((corner, at) => {
    const next = corners[(at + 1) % corners.length];
    return Math.hypot(next[0] - corner[0], next[1] - corner[1]);
  });
  return lengths.indexOf(Math.max(...lengths));
}
