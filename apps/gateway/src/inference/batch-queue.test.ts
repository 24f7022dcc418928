import { AppError } from "@ballast/core";
import { expect, test } from "vitest";
import { BatchQueue, type QueuedRows } from "./batch-queue.ts";

interface Run {
  rows: number;
  features: number[];
  answer(y?: number[]): void;
  fail(): void;
}

/** A queue whose runs the test answers. */
function queue(over: { maxBatchRows?: number; maxQueuedRows?: number; watchDeadlines?: boolean } = {}) {
  const runs: Run[] = [];
  const batches: QueuedRows[][] = [];
  const waiting: (() => void)[] = [];
  const made = new BatchQueue<QueuedRows>({
    width: 1,
    maxBatchRows: 8,
    maxQueuedRows: 100,
    watchDeadlines: false,
    ...over,
    run: (features, rows) =>
      new Promise((resolve, reject) => {
        runs.push({
          rows,
          features: [...features],
          answer: (y) => resolve(Float32Array.from(y ?? features)),
          fail: () => reject(new AppError("internal", "no luck")),
        });
        for (const wake of waiting.splice(0)) wake();
      }),
    done: (jobs) => {
      batches.push(jobs);
      for (const wake of waiting.splice(0)) wake();
    },
  });
  const until = async (true_: () => boolean) => {
    while (!true_()) await new Promise<void>((resolve) => waiting.push(resolve));
  };
  return { queue: made, runs, batches, until };
}

function job(...features: number[]): QueuedRows {
  return {
    features: Float32Array.from(features),
    rows: features.length,
    deadline: Number.POSITIVE_INFINITY,
    y: null,
    error: null,
    settled: false,
  };
}

test("a request alone runs at once; those that come meanwhile run together, at most maxBatchRows rows", async () => {
  const q = queue();
  const jobs = [job(1), job(2, 3), job(4, 5, 6), job(7, 8, 9, 10), job(11)];
  for (const each of jobs) expect(q.queue.submit(each)).toBe(true);
  expect(q.runs.map((run) => run.features)).toEqual([[1]]);
  q.runs[0]?.answer();
  await q.until(() => q.runs.length === 2);
  expect(q.runs[1]?.features).toEqual([2, 3, 4, 5, 6]);
  q.runs[1]?.answer([20, 30, 40, 50, 60]);
  await q.until(() => q.runs.length === 3);
  expect(q.runs[2]?.features).toEqual([7, 8, 9, 10, 11]);
  q.runs[2]?.answer();
  await q.until(() => q.batches.length === 3);
  expect(q.batches.map((batch) => batch.length)).toEqual([1, 2, 2]);
  expect([...(jobs[2]?.y ?? [])]).toEqual([40, 50, 60]);
  expect(q.queue.depth).toBe(0);
});

test("a request larger than a batch runs alone", async () => {
  const q = queue({ maxBatchRows: 2 });
  q.queue.submit(job(0));
  for (const each of [job(1, 2, 3), job(4)]) q.queue.submit(each);
  q.runs[0]?.answer();
  await q.until(() => q.runs.length === 2);
  expect(q.runs[1]?.features).toEqual([1, 2, 3]);
  q.runs[1]?.answer();
  await q.until(() => q.runs.length === 3);
  q.runs[2]?.answer();
  await q.until(() => q.batches.length === 3);
});

test("rows are counted, waiting and running; a full queue refuses, an empty one takes anything", async () => {
  const q = queue({ maxQueuedRows: 4 });
  expect(q.queue.submit(job(1, 2, 3, 4, 5, 6))).toBe(true);
  expect(q.queue.submit(job(7))).toBe(false);
  q.runs[0]?.answer();
  await q.until(() => q.batches.length === 1);
  expect(q.queue.submit(job(1, 2, 3))).toBe(true);
  expect(q.queue.submit(job(4))).toBe(true);
  expect(q.queue.submit(job(5))).toBe(false);
  expect(q.queue.depth).toBe(4);
});

test("a run that fails is repeated request by request: only the guilty one fails", async () => {
  const q = queue();
  const [first, good, bad, fine] = [job(0), job(1), job(666), job(3)];
  for (const each of [first, good, bad, fine]) q.queue.submit(each);
  q.runs[0]?.answer();
  await q.until(() => q.runs.length === 2);
  q.runs[1]?.fail();
  for (const run of [2, 3, 4]) {
    await q.until(() => q.runs.length === run + 1);
    if (q.runs[run]?.features[0] === 666) q.runs[run]?.fail();
    else q.runs[run]?.answer();
  }
  await q.until(() => q.batches.length === 2);
  expect([good, fine].map((each) => each.y?.[0])).toEqual([1, 3]);
  expect(bad.error).toMatchObject({ code: "internal", message: "no luck" });
  expect(good.error).toBeNull();
});

test("a deadline that passes while the model runs elsewhere is told then, once, and the late answer is dropped", async () => {
  const q = queue({ watchDeadlines: true });
  const late = { ...job(1), deadline: performance.now() + 30 };
  const patient = job(2);
  q.queue.submit(late);
  q.queue.submit(patient);
  await q.until(() => q.batches.length === 1);
  expect(q.batches[0]).toEqual([late]);
  expect(late.error).toMatchObject({ code: "deadline_exceeded" });
  q.runs[0]?.answer();
  await q.until(() => q.runs.length === 2);
  q.runs[1]?.answer();
  await q.until(() => q.batches.length === 2);
  expect(q.batches[1]).toEqual([patient]);
  expect(late.error).toMatchObject({ code: "deadline_exceeded" });
  expect(q.queue.depth).toBe(0);
});

test("a request that waited past its deadline is not run", async () => {
  const q = queue();
  const expired = { ...job(9), deadline: 0 };
  q.queue.submit(job(1));
  q.queue.submit(expired);
  q.runs[0]?.answer();
  await q.until(() => q.batches.length === 2);
  expect(expired.error).toMatchObject({ status: 504 });
  expect(q.runs).toHaveLength(1);
});
