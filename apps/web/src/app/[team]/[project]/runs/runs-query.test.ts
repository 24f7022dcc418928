import { expect, it } from "vitest";
import { comparedIds, isUnfiltered, MOST_COMPARED, parseSort, parseTags, runsQuery, sortText } from "./runs-query.ts";

it("reads filter, order and page from the address, and ignores what the list cannot do", () => {
  const query = runsQuery(
    new URLSearchParams("q=storm&state=failed&tag=cause=policy:a=b&tag=broken&sort=-metric:auc&offset=50"),
  );
  expect(query).toMatchObject({ search: "storm", states: ["failed"], tags: { cause: "policy:a=b" }, offset: 50 });
  expect(query.sort).toEqual({ by: "metric:auc", descending: true });
  const odd = runsQuery(new URLSearchParams("state=odd&sort=state&offset=-3"));
  expect(odd).toMatchObject({ states: undefined, offset: 0, sort: { by: "started", descending: true } });
  expect(isUnfiltered(odd)).toBe(true);
  expect(isUnfiltered(query)).toBe(false);
  expect(parseTags(["=x", "a="])).toEqual({ a: "" });
});

it("keeps the default order out of the address and every other one in it", () => {
  for (const text of ["-metric:auc", "name", "param:maxTrees", "started"]) expect(sortText(parseSort(text))).toBe(text);
  expect(sortText(parseSort("-started"))).toBeNull();
});

it("compares each run once, and no more than there are colours", () => {
  const many = new URLSearchParams(Array.from({ length: 9 }, (_, i) => ["run", `run_${i % 8}`]));
  expect(comparedIds(many)).toHaveLength(MOST_COMPARED);
  expect(comparedIds(new URLSearchParams("run=b&run=a&run=b"))).toEqual(["b", "a"]);
});
