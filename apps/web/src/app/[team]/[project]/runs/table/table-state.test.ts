import { expect, it } from "vitest";
import { filterOf, isUnfiltered, orderText, parseOrder, tableState } from "./table-state.ts";

const state = (query: string) => tableState(new URLSearchParams(query));

it("reads search, order, columns and marks from the address, and ignores what it cannot use", () => {
  const read = state(
    "experiment=exp_1&filter=metrics.auc+%3E+0.7&sort=-metrics.val/loss&cols=params.lr&cols=odd&w=params.lr:120&w=x:big" +
      "&fix=params.lr&pin=run_1&pin=run_1&color=run_1:s3&color=run_2:pink&group=params.lr",
  );
  expect(read.search).toEqual({
    experimentIds: ["exp_1"],
    filter: "metrics.auc > 0.7",
    orderBy: [{ by: "metrics.`val/loss`", descending: true }],
    view: "active",
  });
  expect(read.columns).toEqual(["params.lr"]);
  expect([...read.widths]).toEqual([["params.lr", 120]]);
  expect(read.pins).toEqual(["run_1"]);
  expect([...read.colors]).toEqual([["run_1", "s3"]]);
  expect(read.group).toBe("params.lr");
  expect(state("group=odd").group).toBeUndefined();
  expect(isUnfiltered(read.search)).toBe(false);
  expect(isUnfiltered(state("cols=none").search)).toBe(true);
  expect(state("trash=1").search.view).toBe("deleted");
});

it("keeps the default order out of the address and every other one in it", () => {
  for (const text of ["-metrics.auc", "attributes.run_name", "params.maxTrees"]) {
    expect(orderText(parseOrder(text))).toBe(text);
  }
  expect(orderText(parseOrder("nonsense"))).toBeNull();
});

it("turns the tags of a link into a filter, until a filter of its own is there", () => {
  const link = new URLSearchParams("tag=cause=it's&tag=mlflow.user=eve&tag=broken");
  expect(filterOf(link)).toBe("tags.cause = \"it's\" AND tags.`mlflow.user` = 'eve'");
  link.set("filter", "attributes.status = 'FAILED'");
  expect(filterOf(link)).toBe("attributes.status = 'FAILED'");
});
