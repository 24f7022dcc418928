import { expect, it } from "vitest";
import { besides, cellOf, type HeatMapData, heatRows, lookedAt, rangeOf, type Watched } from "./monitoring-data.ts";

const cell = (day: string, ratio: number | null, tooFewFor: number | null = null) => ({ day, ratio, n: 12, tooFewFor });
const map = {
  days: ["2001-02-01", "2001-02-02", "2001-02-03", "2001-02-04"],
  rows: [
    { column: "distance", role: "request", cells: [cell("2001-02-02", 0.4), cell("2001-02-04", 3.2)] },
    { column: "flight.distance", role: "feature", cells: [cell("2001-02-02", 3.2)] },
    { column: "flight.hour", role: "feature", cells: [cell("2001-02-03", null, 30)] },
    { column: "prediction", role: "prediction", cells: [] },
  ],
} as unknown as HeatMapData;
const asked = (query: string) => new URLSearchParams(query);

it("looks first at what is farthest over its limit, the newest of equals, unless the address names a cell that exists", () => {
  expect(cellOf(map, asked(""))).toMatchObject({ column: "distance", day: "2001-02-04" });
  expect(cellOf(map, asked("column=flight.distance&day=2001-02-02"))).toMatchObject({ column: "flight.distance" });
  expect(cellOf(map, asked("column=distance&day=1999-01-01"))).toMatchObject({ column: "distance", day: "2001-02-04" });
  expect(cellOf(map, asked("column=nothing"))).toMatchObject({ column: "distance" });
  expect(cellOf({ ...map, rows: [] }, asked(""))).toBeUndefined();
});

it("begins with the first day that was looked at, and calls features by their own name where it is the only one", () => {
  const days = lookedAt(map);
  expect(days).toEqual(map.days.slice(1));
  const rows = heatRows(map, days);
  expect(rows.map(({ label }) => label)).toEqual(["distance", "flight.distance", "hour", "prediction"]);
  expect(rows[0]?.values).toEqual([0.4, null, 3.2]);
  expect(rows[2]?.reasons).toEqual([null, "n\u202f=\u202f12, too few for a verdict, which needs 30", null]);
  expect(rows.map(({ groupStart }) => groupStart)).toEqual([false, false, false, true]);
});

it("steps over days that were not measured", () => {
  expect(besides(map, { column: "distance", day: "2001-02-02" })).toEqual({ after: "2001-02-04" });
  expect(besides(map, { column: "distance", day: "2001-02-04" })).toEqual({ before: "2001-02-02" });
});

it("counts the range back from the newest complete day, both included", () => {
  expect(rangeOf({ window: { day: "2001-03-01" } } as Watched, 30)).toEqual({ from: "2001-01-31" });
  expect(rangeOf({ window: null } as Watched, 30)).toEqual({});
});
