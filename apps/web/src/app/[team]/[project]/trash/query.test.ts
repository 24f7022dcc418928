import { expect, it } from "vitest";
import { trashQuery } from "./query.ts";

it("asks for one kind or for words, and for no more than the first page of everything", () => {
  expect(trashQuery(new URLSearchParams("kind=run&q=storm"))).toEqual({ kinds: ["run"], search: "storm", limit: 200 });
  expect(trashQuery(new URLSearchParams("q=storm"))).toEqual({ search: "storm", limit: 200 });
  expect(trashQuery(new URLSearchParams("kind=pipeline&q="))).toEqual({});
});
