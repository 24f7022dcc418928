import { pbkdf2 } from "node:crypto";
import { mkdirSync, mkdtempSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { encodeRecord } from "@ballast/artifacts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ProjectJournal } from "./project-journal.ts";

let folder: string;
let journal: ProjectJournal;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ballast-project-journal-"));
  journal = open();
});
afterEach(() => {
  journal.close();
  rmSync(folder, { recursive: true });
});

const open = (maxSegmentBytes = 1e6) => new ProjectJournal(folder, () => {}, { maxSegmentBytes });

function push(key: string): void {
  const cols = { origin: ["SEA"], known_at: [1] };
  journal.appendPush(key, encodeRecord({ k: "f", push: key, source: "flights", n: 1, cols, at: 1 }), 1);
}

/** Keys of the pushed rows; `meanwhile` runs once reading has begun, while every thread that reads files is busy. */
async function read(meanwhile: () => void): Promise<string[]> {
  const busy = Array.from({ length: 4 }, () => promisify(pbkdf2)("p", "s", 50_000, 32, "sha256"));
  const rows = journal.pushedRows();
  const first = rows.next();
  meanwhile();
  const { value } = await first;
  const keys = value ? [value.push] : [];
  for await (const row of rows) keys.push(row.push);
  await Promise.all(busy);
  return keys;
}

test("rows pushed and sealed while the journal is read are not among those read", async () => {
  push("a");
  journal.seal();
  push("b");
  const keys = await read(() => {
    push("c");
    journal.seal();
    push("d");
  });
  expect(keys).toEqual(["a", "b"]);
});

test("where sealing fails, the open file is read up to what was written, also if it is sealed meanwhile", async () => {
  push("a");
  const inTheWay = join(folder, "0000000002.open");
  mkdirSync(inTheWay);
  expect(await read(() => push("b"))).toEqual(["a"]);
  const keys = await read(() => {
    push("c");
    rmdirSync(inTheWay);
    journal.seal();
    push("d");
  });
  expect(keys).toEqual(["a", "b"]);
});

test("a push that fills a segment is among what that segment is remembered for", async () => {
  journal.close();
  journal = open(1);
  push("a");
  push("b");
  journal.sealIfDue();
  expect(journal.segments.map(({ rebuilds, pushes }) => ({ rebuilds, pushes }))).toEqual([
    { rebuilds: true, pushes: ["a"] },
    { rebuilds: true, pushes: ["b"] },
  ]);
});
