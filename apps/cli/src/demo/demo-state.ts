import fs from "node:fs";
import path from "node:path";
import type { CountedLatencies } from "./latency-counts.ts";
import type { StreamTally } from "./stream.ts";

/** What the demo must remember to go on after it was stopped: written after each window, read at the next start. */
export interface DemoState {
  team: string;
  project: string;
  token: string;
  story: string;
  /** Event time up to which everything was sent and processed, epoch ms; null before the stream starts. */
  sentThrough: number | null;
  /** Flights that asked for a prediction and have not landed: flight number and prediction id. */
  pending: [number, string][];
  tally: StreamTally | null;
  /** Of answered predictions. */
  latencies: CountedLatencies;
  /** Ids of what was asked for, by name, so that nothing is asked for twice. */
  asked: Record<string, string>;
  finished: boolean;
}

export class DemoStateFile {
  readonly folder: string;
  readonly #file: string;

  constructor(home: string) {
    this.folder = path.join(home, "demo");
    this.#file = path.join(this.folder, "state.json");
    fs.mkdirSync(this.folder, { recursive: true });
  }

  read(): DemoState | null {
    return fs.existsSync(this.#file) ? (JSON.parse(fs.readFileSync(this.#file, "utf8")) as DemoState) : null;
  }

  write(state: DemoState): void {
    const temporary = `${this.#file}.tmp`;
    fs.writeFileSync(temporary, JSON.stringify(state), { mode: 0o600 });
    fs.renameSync(temporary, this.#file);
  }

  writeSummary(summary: { ok: boolean }): void {
    fs.writeFileSync(path.join(this.folder, "summary.json"), JSON.stringify(summary));
  }

  /** Measurements of the closed loop; null before. */
  readSummary(): { ok: boolean } | null {
    const file = path.join(this.folder, "summary.json");
    return fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, "utf8")) as { ok: boolean }) : null;
  }

  /** Tells whoever watches from outside that predictions are being sent. */
  markStreaming(): void {
    fs.writeFileSync(path.join(this.folder, "streaming"), "");
  }
}
