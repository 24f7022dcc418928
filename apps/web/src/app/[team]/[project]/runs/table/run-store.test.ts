import { expect, it } from "vitest";
import type { SearchedRun, SearchPage } from "../tracking.ts";
import { RunStore } from "./run-store.ts";

const run = (n: number): SearchedRun => ({ id: `run_${n}` }) as SearchedRun;
const from = (start: number, end: number): SearchedRun[] =>
  Array.from({ length: end - start }, (_, i) => run(start + i));

/** A server of `total` runs whose cursor is the place of the next one. */
function server(total: number) {
  const asked: { cursor: string; limit: number }[] = [];
  const page = (start: number, limit: number): SearchPage => {
    const end = Math.min(total, start + limit);
    return { runs: from(start, end), cursor: end < total ? String(end) : null, total } as SearchPage;
  };
  const read = async (ask: { cursor: string; limit: number }): Promise<SearchPage> => {
    asked.push(ask);
    return page(Number(ask.cursor), ask.limit);
  };
  return { asked, page, read };
}
const settled = (store: RunStore, done: () => boolean): Promise<void> =>
  new Promise((resolve) => {
    const look = (): void => {
      if (done()) resolve();
    };
    store.subscribe(look);
    look();
  });

it("reads small steps while one scrolls, long strides after a jump, and each page once", async () => {
  const { asked, page, read } = server(5_000);
  const store = new RunStore(read);
  store.setHead(page(0, 100));
  expect(store.snapshot()).toMatchObject({ total: 5_000, complete: false });
  store.need(150);
  store.need(150);
  await settled(store, () => store.snapshot().rows.length === 300);
  store.need(2_000);
  await settled(store, () => store.snapshot().rows.length === 2_300);
  expect(asked.map(({ cursor, limit }) => [cursor, limit])).toEqual([
    ["100", 200],
    ["300", 1_000],
    ["1300", 1_000],
  ]);
  store.need(Number.MAX_SAFE_INTEGER);
  await settled(store, () => store.snapshot().complete);
  expect(new Set(store.snapshot().rows.map(({ id }) => id)).size).toBe(5_000);
});

it("puts new runs on top, keeps those that fell off the first page, and forgets removed ones", async () => {
  const { page, read } = server(300);
  const store = new RunStore(read);
  store.setHead(page(0, 100));
  store.need(250);
  await settled(store, () => store.snapshot().complete);
  store.setHead({ runs: [run(999), ...from(0, 99)], cursor: "99", total: 301 } as SearchPage);
  const ids = store.snapshot().rows.map(({ id }) => id);
  expect(ids.slice(0, 2)).toEqual(["run_999", "run_0"]);
  expect(ids[100]).toBe("run_99");
  expect(ids).toHaveLength(301);
  store.remove(["run_0"]);
  store.setHead(page(0, 100));
  expect(store.snapshot().rows.some(({ id }) => id === "run_0")).toBe(false);
  store.unremove(["run_0"]);
  store.setHead(page(0, 100));
  expect(store.snapshot().rows[0]?.id).toBe("run_0");
});

it("stops at a failed read, says so, and goes on when asked", async () => {
  const { page, read } = server(300);
  let broken = true;
  const store = new RunStore((ask) => (broken ? Promise.reject(new Error("offline")) : read(ask)));
  store.setHead(page(0, 100));
  store.need(299);
  await settled(store, () => store.snapshot().error !== undefined);
  expect(store.snapshot()).toMatchObject({ complete: false, error: new Error("offline") });
  broken = false;
  store.retry();
  await settled(store, () => store.snapshot().complete);
  expect(store.snapshot().error).toBeUndefined();
});
