import fs from "node:fs";
import path from "node:path";
import { type CountedLatencies, LatencyCounts } from "./latency-counts.ts";
import type { StreamTally } from "./stream.ts";

/** What a demo came to; the whole of it is `Summary`. */
interface Outcome {
  ok: boolean;
  /** What is missing; null for a closed loop. */
  error: string | null;
}

/** What the demo must remember to go on after it was stopped: written after each window and each happening, read at the next start. */
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
    if (!fs.existsSync(this.#file)) return null;
    const state = JSON.parse(fs.readFileSync(this.#file, "utf8")) as DemoState;
    return { ...state, latencies: counted(state.latencies) };
  }

  write(state: DemoState): void {
    this.#put(this.#file, state);
  }

  /** Written last: a demo without it goes on at the next start. */
  writeSummary(summary: Outcome): void {
    this.#put(this.#summaryFile, summary);
  }

  /** Measurements of the demo that ran to its end; null before. */
  readSummary(): Outcome | null {
    const file = this.#summaryFile;
    return fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, "utf8")) as Outcome) : null;
  }

  get #summaryFile(): string {
    return path.join(this.folder, "summary.json");
  }

  #put(file: string, value: unknown): void {
    const temporary = `${file}.tmp`;
    fs.writeFileSync(temporary, JSON.stringify(value), { mode: 0o600 });
    fs.renameSync(temporary, file);
  }

  /** Tells whoever watches from outside that predictions are being sent. */
  markStreaming(): void {
    fs.writeFileSync(path.join(this.folder, "streaming"), "");
  }
}

/** States of earlier versions list every latency. */
function counted(latencies: CountedLatencies | number[]): CountedLatencies {
  const counts = new LatencyCounts(latencies.filter((one) => typeof one !== "number"));
  for (const one of latencies) if (typeof one === "number") counts.add(one);
  return counts.counted();
}
