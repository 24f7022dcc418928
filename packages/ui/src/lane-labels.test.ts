import { expect, it } from "vitest";
import { placeLabels } from "./lane-labels.ts";

const lane = { left: 70, right: 600 };

it("goes right of the event, left of it at the lane's end", () => {
  const places = placeLabels(
    [
      { x: 100, text: "v5 trained" },
      { x: 590, text: "rows held" },
    ],
    [],
    lane,
  );
  expect(places).toEqual([
    { x: 110, anchor: "start" },
    { x: 580, anchor: "end" },
  ]);
});

it("drops what would cover a neighbour or a span, never overlapping two labels", () => {
  const crowded = placeLabels(
    [
      { x: 200, text: "calibration off" },
      { x: 220, text: "calibration off" },
      { x: 240, text: "calibration off" },
    ],
    [],
    lane,
  );
  expect(crowded).toEqual([{ x: 190, anchor: "end" }, undefined, { x: 250, anchor: "start" }]);
  expect(placeLabels([{ x: 300, text: "shadow" }], [{ from: 305, to: 500 }], lane)).toEqual([
    { x: 290, anchor: "end" },
  ]);
});
