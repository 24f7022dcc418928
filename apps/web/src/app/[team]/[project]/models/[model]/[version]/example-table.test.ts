import { expect, it } from "vitest";
import { exampleTable } from "./example-table.ts";

it("reads pandas' split form, and leaves everything else as text", () => {
  const text = '{"columns": ["a", 1], "data": [[1.5, "x"], [null, true]]}';
  expect(exampleTable(text)).toEqual({
    columns: ["a", "1"],
    rows: [
      [1.5, "x"],
      [null, true],
    ],
  });
  const others = ['{"columns": ["a"], "data": [[1, 2]]}', '{"columns": ["a"], "data": [[{}]]}', '{"inputs": [[1]]}'];
  for (const other of [...others, '{"columns": ["a"], "da', "null", '{"columns": [], "data": []}']) {
    expect(exampleTable(other)).toBeUndefined();
  }
});
