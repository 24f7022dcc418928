import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type JournalRecord, readSegment } from "@ballast/artifacts";

/** Every record of a project's journal, sealed and open, in order. */
export function readJournal(home: string, projectId: string): JournalRecord[] {
  const folder = join(home, "journal", projectId);
  const names = readdirSync(folder).filter((name) => /\.(?:seg|open)$/.test(name));
  return names.sort().flatMap((name) => readSegment(join(folder, name)).records);
}

/** The records of one kind. */
export function recordsOf<K extends JournalRecord["k"]>(
  home: string,
  projectId: string,
  kind: K,
): Extract<JournalRecord, { k: K }>[] {
  return readJournal(home, projectId).filter((record): record is Extract<JournalRecord, { k: K }> => record.k === kind);
}
