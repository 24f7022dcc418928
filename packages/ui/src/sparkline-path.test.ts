import { expect, it } from "vitest";
import { sparklineGeometry } from "./sparkline-path.ts";

const box = { width: 76, height: 20 };

it("spans the width, the largest value on top", () => {
  const { path, last } = sparklineGeometry([1, 3, 2], box);
  expect(path).toBe("M3 17L38 3L73 10");
  expect(last).toEqual({ x: 73, y: 10 });
});

it("breaks the line at missing values and keeps their place", () => {
  expect(sparklineGeometry([1, null, 2, Number.NaN], box).path).toBe("M3 17M49.67 3");
});

it("centres a constant, and draws nothing for nothing", () => {
  expect(sparklineGeometry([5, 5], box).path).toBe("M3 10L73 10");
  expect(sparklineGeometry([], box)).toEqual({ path: "", last: undefined, limitY: undefined });
  expect(sparklineGeometry([null], box).path).toBe("");
});

it("keeps the limit inside the picture", () => {
  const { limitY, path } = sparklineGeometry([0, 1], { ...box, limit: 4 });
  expect(limitY).toBe(3);
  expect(path).toBe("M3 17L73 13.5");
});
