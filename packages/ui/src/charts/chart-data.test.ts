import { expect, it } from "vitest";
import { allPositions, areWholeDays, type ChartSeries, nearest, tableOf } from "./chart-data.ts";

const day = (n: number): number => Date.UTC(2001, 5, n);

const champion: ChartSeries = {
  id: "champion",
  label: "champion",
  color: "s1",
  points: [
    { x: day(2), y: 0.15, low: 0.14, high: 0.16, n: 1200 },
    { x: day(1), y: null },
  ],
};
const candidate: ChartSeries = { id: "candidate", label: "candidate", color: "s2", points: [{ x: day(3), y: 0.14 }] };

it("joins the positions of all series in order", () => {
  expect(allPositions([champion, candidate])).toEqual([day(1), day(2), day(3)]);
  expect(nearest([day(1), day(2)], day(2) - 1)).toBe(day(2));
  expect(nearest([], 3)).toBeUndefined();
});

it("writes a table with every value, band and sample size, and a dash for what is missing", () => {
  const { head, rows } = tableOf([champion, candidate], "time", (value) => value.toFixed(2));
  expect(head).toEqual(["Time, UTC", "champion", "candidate", "champion, band", "champion, n"]);
  expect(rows.map((row) => row.cells)).toEqual([
    ["1 Jun 2001", "—", "—", "—", "—"],
    ["2 Jun 2001", "0.15", "—", "0.14 to 0.16", "1,200"],
    ["3 Jun 2001", "—", "0.14", "—", "—"],
  ]);
});

it("names minutes as soon as one position is not a whole day", () => {
  expect(areWholeDays([day(1), day(2)])).toBe(true);
  const hourly = { ...candidate, points: [{ x: day(3) + 3_600_000, y: 1 }] };
  expect(tableOf([hourly], "time", String).rows[0]?.cells[0]).toBe("3 Jun 2001 01:00");
});
