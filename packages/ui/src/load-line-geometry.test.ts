import { expect, it } from "vitest";
import { loadLineGeometry } from "./load-line-geometry.ts";

it("stands the limit short of the end, and fill and reservation one after the other", () => {
  const geometry = loadLineGeometry(50, 25, 100);
  expect(geometry.limit).toBeCloseTo(100 / 1.08);
  expect(geometry.fill).toBeCloseTo(50 / 1.08);
  expect(geometry.reservedStart).toBeCloseTo(geometry.fill);
  expect(geometry.reserved).toBeCloseTo(25 / 1.08);
  expect(geometry.over).toBe(false);
});

it("counts reservations against the limit and never draws past the end", () => {
  const geometry = loadLineGeometry(90, 50, 100);
  expect(geometry.over).toBe(true);
  expect(geometry.fill + geometry.reserved).toBeCloseTo(100);
  expect(geometry.limit).toBeCloseTo(100 / 1.4);
});

it("draws nothing for an empty, negative or unknown value", () => {
  expect(loadLineGeometry(0, 0, undefined)).toMatchObject({ fill: 0, reserved: 0, limit: undefined, over: false });
  expect(loadLineGeometry(Number.NaN, -3, 10)).toMatchObject({ fill: 0, reserved: 0, over: false });
  expect(loadLineGeometry(0, 0, 0)).toMatchObject({ fill: 0, over: false });
});
