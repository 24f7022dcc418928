import { expect, it } from "vitest";
import { jsonTable, MOST_ROWS, separatedTable } from "./table-text.ts";

it("reads quoted fields, doubled quotes, line breaks within them, and both line ends", () => {
  const table = separatedTable('a,"b, c"\r\n1,"say ""hi""\nthere"\n,\n', ",", false);
  expect(table).toEqual({
    columns: ["a", "b, c"],
    rows: [
      ["1", 'say "hi"\nthere'],
      ["", ""],
    ],
    total: 2,
  });
});

it("drops the last line of a text that was cut, and draws no more rows than it may", () => {
  expect(separatedTable("a\tb\n1\t2\n3\t", "\t", true)?.rows).toEqual([["1", "2"]]);
  const long = `x\n${Array.from({ length: 500 }, (_, i) => i).join("\n")}`;
  const table = separatedTable(long, ",", false);
  expect([table?.rows.length, table?.total]).toEqual([MOST_ROWS, 500]);
  expect(separatedTable("", ",", false)).toBeUndefined();
});

it("sees tables in JSON: lists of objects and MLflow's own form, nothing else", () => {
  expect(jsonTable([{ a: 1 }, { b: [2], a: null }])).toEqual({
    columns: ["a", "b"],
    rows: [
      ["1", ""],
      ["", "[2]"],
    ],
    total: 2,
  });
  expect(jsonTable({ columns: ["q", "score"], data: [["x", 0.5]] })?.rows).toEqual([["x", "0.5"]]);
  for (const other of [[1, 2], [], { a: 1 }, "x", null, { columns: 1, data: [] }])
    expect(jsonTable(other)).toBeUndefined();
});
