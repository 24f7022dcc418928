import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { atMost, type BenchOptions, type BenchResult, median } from "../benchmark.ts";
import { LineProcess } from "../line-process.ts";
import { pinToCore } from "../pin-to-core.ts";
import { pythonWith } from "../python-peer.ts";
import { type TableFile, writeTable } from "./table-file.ts";
import { flightsTable, syntheticTable } from "./tables.ts";

export const name = "trainer";
export const title = "trainer-gbdt against scikit-learn's HistGradientBoostingClassifier, one thread each";

const ROWS = 500_000;
const TREES = 100;
const ROUNDS = 5;
const FOLDER = join(import.meta.dirname, "..", "..", ".ballast", "bench-trainer");

interface Sides {
  ours: LineProcess;
  peer: LineProcess;
}
interface Fit {
  seconds: number;
  maxRssMiB?: number;
}
interface Scores {
  auc: number;
  oursAuc: number;
  maxDifference: number;
  rows: number;
}

/** Both sides on the same core, never at the same time. */
function startSides(say: BenchOptions["say"]): Sides & { pinned: string[] } {
  const python = pythonWith(["sklearn"], ["scikit-learn>=1.6,<2"], say);
  const pinned = pinToCore();
  const single = { OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" };
  return {
    pinned,
    ours: new LineProcess("trainer-gbdt", [...pinned, process.execPath, join(import.meta.dirname, "ours.ts")]),
    peer: new LineProcess("scikit-learn", [...pinned, python, join(import.meta.dirname, "peer.py")], single),
  };
}

/** Interleaved fits after one unmeasured fit of each, so that drift of the machine meets both alike. */
async function race({ ours, peer }: Sides, say: BenchOptions["say"]) {
  const seconds = { ours: [] as number[], peer: [] as number[] };
  let maxRssMiB = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    const mine = await ours.request<Fit>({ do: "fit", trees: TREES });
    const theirs = await peer.request<Fit>({ do: "fit", trees: TREES });
    maxRssMiB = mine.maxRssMiB ?? Number.NaN;
    const label = round === 0 ? "warm-up" : `round ${round} of ${ROUNDS}`;
    say(`${label}: trainer-gbdt ${mine.seconds.toFixed(2)} s, scikit-learn ${theirs.seconds.toFixed(2)} s`);
    if (round === 0) continue;
    seconds.ours.push(mine.seconds);
    seconds.peer.push(theirs.seconds);
  }
  return { seconds, maxRssMiB };
}

async function load({ ours, peer }: Sides, train: TableFile): Promise<string> {
  await ours.request({ do: "load", train });
  return (await peer.request<{ version: string }>({ do: "load", train })).version;
}

async function score({ ours, peer }: Sides, test: TableFile): Promise<Scores> {
  const out = join(FOLDER, "predictions.f32");
  const { maxDifference, rows } = await ours.request<Scores>({ do: "score", test, out });
  return { ...(await peer.request<Scores>({ do: "score", test, ours: out })), maxDifference, rows };
}

/** Trains both on 2-31 January and scores them on February. */
async function onFlights(sides: Sides, say: BenchOptions["say"]): Promise<Scores & { trainRows: number }> {
  say("Flights of January and February 2001 …");
  const train = writeTable(join(FOLDER, "january.f32"), await flightsTable("2001-01-02", "2001-02-01"));
  const test = writeTable(join(FOLDER, "february.f32"), await flightsTable("2001-02-01", "2001-03-01"));
  await load(sides, train);
  await sides.ours.request({ do: "fit", trees: TREES });
  await sides.peer.request({ do: "fit", trees: TREES });
  return { ...(await score(sides, test)), trainRows: train.rows };
}

export async function run({ say }: BenchOptions): Promise<BenchResult> {
  mkdirSync(FOLDER, { recursive: true });
  const sides = startSides(say);
  try {
    say(`${ROWS.toLocaleString("en")} rows x 10 features, 10 % missing, ${TREES} trees of 31 leaves …`);
    const version = await load(sides, writeTable(join(FOLDER, "train.f32"), syntheticTable(ROWS, 1)));
    const { seconds, maxRssMiB } = await race(sides, say);
    const synthetic = await score(sides, writeTable(join(FOLDER, "held-out.f32"), syntheticTable(100_000, 2)));
    const flights = await onFlights(sides, say);
    const ratio = median(seconds.ours) / median(seconds.peer);
    const bars = {
      ratio: atMost(ratio, 2.5),
      flightsAucDifference: atMost(Math.abs(flights.oursAuc - flights.auc), 0.005),
      maxRssMiB: atMost(maxRssMiB, 600),
      onnxMaxDifference: atMost(Math.max(synthetic.maxDifference, flights.maxDifference), 1e-5),
    };
    return {
      name,
      ratio,
      ok: Object.values(bars).every((bar) => bar.ok),
      bars,
      seconds: { ours: median(seconds.ours), scikitLearn: median(seconds.peer), rounds: seconds },
      auc: {
        flights: { ours: flights.oursAuc, scikitLearn: flights.auc },
        synthetic: { ours: synthetic.oursAuc, scikitLearn: synthetic.auc },
      },
      rows: { train: ROWS, heldOut: synthetic.rows, flightsTrain: flights.trainRows, flightsHeldOut: flights.rows },
      peer: `scikit-learn ${version}`,
      pinned: sides.pinned.join(" ") || "not pinned",
      node: process.version,
    };
  } finally {
    sides.ours.stop();
    sides.peer.stop();
  }
}
