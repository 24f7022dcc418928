import { expect, test } from "vitest";
import { settle, sizeLease } from "./inference-lease.ts";

test.each([
  // rows, spent, free, hard → blocks granted, wanted
  [1_650, 165_000, 1e9, true, 2, 2],
  [1_650, 165_000, 199_999, true, 1, 2],
  [1_650, 165_000, 99_999, true, 0, 2],
  [1_650, 165_000, 0, false, 2, 2],
  [0, 0, 1e9, true, 0, 0],
])(
  "%i rows for %i micros with %i free (hard %s): %i of %i blocks",
  (rows, spentMicros, freeMicros, hard, got, want) => {
    const lease = sizeLease({ rows, spentMicros, freeMicros, hard });
    expect([lease.blocks, lease.wantedBlocks]).toEqual([got, want]);
    expect(lease.amountMicros).toBe(got * 100_000);
  },
);

test.each([
  // actual, reserved, free, hard, may use free → from reservation, from free, overage, released
  [80, 100, 0, true, true, [80, 0, 0, 20]],
  [130, 100, 50, true, true, [100, 30, 0, 0]],
  [130, 100, 10, true, true, [100, 10, 20, 0]],
  [130, 100, 10, false, true, [100, 30, 0, 0]],
  [130, 100, 50, true, false, [100, 0, 30, 0]],
])("settling %i against %i reserved and %i free", (actual, reserved, free, hard, may, expected) => {
  const s = settle(actual, reserved, free, hard, may);
  expect([s.fromReservation, s.fromFree, s.overage, s.released]).toEqual(expected);
});
