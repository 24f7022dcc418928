import { expect, test } from "vitest";
import { lineagePath } from "../../../../page/record-paths.ts";
import { lineageQuery } from "./query.ts";

const of = (address: string) => lineageQuery(new URLSearchParams(address.split("?")[1]));

test("an address says what is asked, and one that names nothing asks nothing", () => {
  const node = { kind: "run", id: "a b&c" };
  expect(of(lineagePath("/t/p", node))).toEqual({ ...node, direction: "both" });
  expect(of("?kind=run&id=r&direction=upstream")).toEqual({ kind: "run", id: "r", direction: "upstream" });
  expect(of("?kind=run&id=r&direction=sideways")?.direction).toBe("both");
  expect(of("?kind=cost&id=r")).toBeNull();
  expect(of("?kind=run")).toBeNull();
});
