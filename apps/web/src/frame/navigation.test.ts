import { expect, it } from "vitest";
import { allPages, pageOf, pagePath } from "./navigation.ts";

const base = "/airline-ops/us-flights-2001";

it("gives every page its own address and its own letter", () => {
  expect(new Set(allPages.map((page) => page.segment)).size).toBe(allPages.length);
  expect(new Set(allPages.map((page) => page.key)).size).toBe(allPages.length);
});

it("finds the section of an address, and of the addresses below it", () => {
  for (const page of allPages) expect(pageOf(base, pagePath(base, page))).toBe(page);
  expect(pageOf(base, `${base}/models/flight-late/versions/3`)?.label).toBe("Models");
  expect(pageOf(base, `${base}/unknown`)).toBeUndefined();
  expect(pageOf(base, `${base}-2`)).toBeUndefined();
});
