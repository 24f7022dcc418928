import { expect, it } from "vitest";
import { orderFrom, orderText } from "./url-order.ts";

const columns = [{ id: "name" }, { id: "n", sortable: true }, { id: "act", sortable: false }];

it("reads the order it wrote, and nothing that the table has no column for", () => {
  for (const order of [
    { column: "name", descending: false },
    { column: "n", descending: true },
  ])
    expect(orderFrom(orderText(order), columns)).toEqual(order);
  for (const text of [null, "", "-", "act", "-brier", "--n"]) expect(orderFrom(text, columns)).toBeUndefined();
});
