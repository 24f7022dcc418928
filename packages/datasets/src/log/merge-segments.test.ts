import { expect, test } from "vitest";
import { segmentsToMerge } from "./merge-segments.ts";

const segments = (count: number, rows: number, first = 0) =>
  Array.from({ length: count }, (_, i) => ({ sequence: first + i, rows }));

test("the oldest sixteen of one size class, in order", () => {
  expect(segmentsToMerge(segments(15, 3))).toEqual([]);
  expect(segmentsToMerge(segments(40, 3).toReversed())).toEqual(segments(16, 3));
  // 15 rows are of the first class, 16 of the second.
  expect(segmentsToMerge([...segments(15, 15), ...segments(15, 16, 15)])).toEqual([]);
  expect(segmentsToMerge([...segments(9, 1), ...segments(20, 300, 9), ...segments(6, 2, 29)])).toEqual(
    segments(16, 300, 9),
  );
});

test("two hours of two-second segments end as few, and no row is written more than three times", () => {
  let small = segments(3_600, 3);
  let large = 0;
  let written = 0;
  for (;;) {
    const chosen = segmentsToMerge(small);
    if (chosen.length === 0) break;
    const gone = new Set(chosen);
    const rows = chosen.reduce((sum, one) => sum + one.rows, 0);
    written += rows;
    small = small.filter((one) => !gone.has(one));
    if (rows > 4_095) large += 1;
    else small.push({ sequence: chosen.at(-1)?.sequence ?? 0, rows });
  }
  expect(small.length + large).toBeLessThan(45);
  expect(written / (3_600 * 3)).toBeLessThanOrEqual(3);
});
