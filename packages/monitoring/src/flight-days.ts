/**
 * What the integration tests watch: the first weeks of 2001's US flights, January as the dataset a stump of a model was trained on, and
 * after it a stream of one flight in ten, journalled and compacted as a gateway and a worker would.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { DAY_MS, newId, type Scope } from "@ballast/core";
import { compactSegment, createDatasetVersion, literal, validateDatasetVersion } from "@ballast/datasets/server";
import type { SampleJournal } from "@ballast/datasets/testing";
import { deployments, modelVersions, projects, trainingPipelines, withTenant } from "@ballast/db";
import { dayOfWeek, hourOfDay } from "@ballast/features";
import { defineFeatureView } from "@ballast/features/server";
import { buildTreeEnsembleModel } from "@ballast/plugin-sdk";
import { and, eq } from "drizzle-orm";

// The package exports its code only; its data lies beside that.
const vega = createRequire(new URL("../../../apps/cli/package.json", import.meta.url)).resolve("vega-datasets");
const FLIGHTS = path.join(path.dirname(vega), "..", "data", "flights-3m.parquet");

type Record_ = Parameters<SampleJournal["seal"]>[1][number];

export const STREAM_FROM = Date.UTC(2001, 1, 1);
export const DEPLOYMENT = "dep_flights";
export const CHAMPION = "mv_champion";
const KILOMETRES_PER_MILE = 1.609344;
const INPUTS = ["hour", "weekday", "distance"];
const BINDINGS = INPUTS.map((name) => ({ input: name, view: "flight", feature: name }));

interface Flight {
  id: number;
  origin: string;
  destination: string;
  t: number;
  distance: number;
  late: number;
  known: number;
}

/** Late share before and after noon in January: what the stump answers. */
const stump = (t: number) => (hourOfDay(t) < 12 ? 0.125 : 0.25);

const SELECT = `SELECT file_row_number AS id, origin, destination, epoch_ms(date) AS t, distance,
    (delay >= 15)::INTEGER AS late, epoch_ms(date) + greatest(delay, 0) * 60000 + distance * 8000 + 1800000 AS known
  FROM read_parquet(${literal(FLIGHTS)}, file_row_number = true)`;

/** Project, January as an accepted dataset version with miles, the feature view, the model, its pipeline and its deployment. */
export async function flightProject(journal: SampleJournal, scope: Scope): Promise<void> {
  const { deps, folder } = journal;
  const january = path.join(folder, `${scope.projectId}.parquet`);
  await deps.duck.run(
    `COPY (SELECT * RENAME (id AS flight_id, t AS departure, known AS known_at) FROM (${SELECT})
      WHERE departure < ${STREAM_FROM} ORDER BY departure, flight_id) TO ${literal(january)} (FORMAT parquet)`,
  );
  const { digest: sourceDigest } = await deps.artifacts.put(readFileSync(january));
  const version = await withTenant(deps.db, scope.teamId, async (tx) => {
    await defineFeatureView(tx, scope, {
      kind: "request",
      name: "flight",
      description: "",
      features: [
        { name: "hour", expression: { op: "hour_of_day", column: "departure" }, unit: null },
        { name: "weekday", expression: { op: "day_of_week", column: "departure" }, unit: null },
        { name: "distance", expression: { op: "column", column: "distance" }, unit: "mile" },
      ],
    });
    return createDatasetVersion(tx, scope, { dataset: "flights", sourceDigest, declaredUnits: { distance: "mile" } });
  });
  await validateDatasetVersion(deps, scope, version.id);
  const { digest, size } = await deps.artifacts.put(stumpModel());
  await withTenant(deps.db, scope.teamId, async (tx) => {
    const { teamId, projectId } = scope;
    await tx.insert(modelVersions).values({
      ...{ teamId, projectId, id: CHAMPION, modelId: newId("registeredModel"), version: 1, digest, sizeBytes: size },
      signature: { inputs: [], outputs: [] },
      serving: { tensor: "features", output: "probability", features: BINDINGS },
      lineage: {
        ...{ runId: null, trainingJobId: null, codeVersion: null },
        datasetVersions: [{ id: version.id, label: "flights v1" }],
        featureViews: [{ id: "fv", name: "flight", version: 1 }],
        trainedFrom: new Date(STREAM_FROM - 31 * DAY_MS).toISOString(),
        trainedTo: new Date(STREAM_FROM).toISOString(),
      },
      ...{ metrics: {}, cause: "initial", createdBy: "test" },
    });
    await tx.insert(trainingPipelines).values({
      ...{ teamId, projectId, id: newId("pipeline"), name: "flight", createdBy: "test" },
      spec: {
        ...{ modelName: "flight-late", deploymentName: "flight-late", task: "binary" as const },
        ...{ dataset: "flights", source: "flights", label: "late", rowTime: "departure", knownAt: "known_at" },
        ...{ features: BINDINGS, trainer: "gbdt", params: {}, validationShare: 0.1, testShare: 0.1 },
      },
    });
    await tx.insert(deployments).values({
      ...{ teamId, projectId, id: DEPLOYMENT, name: "flight-late", modelId: "mdl" },
      routing: { champion: CHAMPION, candidate: null, shadows: [], salt: "s" },
    });
  });
}

function stumpModel(): Uint8Array {
  const logit = (p: number) => Math.log(p / (1 - p));
  return buildTreeEnsembleModel({
    ...{ task: "binary" as const, featureNames: INPUTS, baseValue: 0 },
    trees: [
      {
        feature: Int32Array.of(0, -1, -1),
        threshold: Float32Array.of(11.5, 0, 0),
        left: Int32Array.of(1, -1, -1),
        right: Int32Array.of(2, -1, -1),
        missingLeft: Uint8Array.of(1, 0, 0),
        value: Float32Array.of(0, logit(0.125), logit(0.25)),
      },
    ],
  });
}

/** One flight in ten of the days [from, to), in order of departure. */
export function sampledFlights(journal: SampleJournal, from: number, to: number): Promise<Flight[]> {
  return journal.deps.duck.all<Flight>(
    `SELECT * FROM (${SELECT}) WHERE hash(id) % 10 = 0 AND t >= ${from} AND t < ${to} ORDER BY t, id`,
  );
}

/** Every flight of the days [from, to) as the airline pushes it once its outcome is known. */
export async function pushedFlights(journal: SampleJournal, from: number, to: number): Promise<Record_[]> {
  const flights = await journal.deps.duck.all<Flight>(
    `SELECT * FROM (${SELECT}) WHERE known >= ${from} AND known < ${to} ORDER BY known, id`,
  );
  const column = <K extends keyof Flight>(part: Flight[], key: K) => part.map((flight) => flight[key]);
  const records: Record_[] = [];
  for (let start = 0; start < flights.length; start += PUSH_ROWS) {
    const part = flights.slice(start, start + PUSH_ROWS);
    const cols = {
      ...{ flight_id: column(part, "id"), departure: column(part, "t"), known_at: column(part, "known") },
      ...{ origin: column(part, "origin"), destination: column(part, "destination") },
      ...{ distance: column(part, "distance"), late: column(part, "late") },
    };
    records.push({ k: "f", push: `push_${from}_${start}`, source: "flights", n: part.length, cols, at: from });
  }
  return records;
}
const PUSH_ROWS = 500;

interface Streamed {
  /** Journalled with them, before. */
  pushes?: Record_[];
  /** Who answers, and the features it is served; the champion with the flight's own when left out. */
  version?: string;
  features?: (flight: Flight) => (number | null)[];
  /** From this event time on `distance` is sent in kilometres. */
  kilometresFrom?: number;
  conv?: number;
  /** Version that scores every row beside the champion, and how. */
  shadow?: { version: string; score: (flight: Flight) => number };
}

/** Journals predictions and outcomes of flights, seals and compacts them; then the project's watermark is `watermark`. */
export async function stream(
  journal: SampleJournal,
  scope: Scope,
  flights: readonly Flight[],
  watermark: number,
  options: Streamed = {},
): Promise<void> {
  const { kilometresFrom = Number.POSITIVE_INFINITY, conv = 0, shadow, pushes = [], version = CHAMPION } = options;
  const answered = flights.flatMap((flight): Record_[] => {
    const { t } = flight;
    const id = `prd_${flight.id}`;
    const sent = t >= kilometresFrom ? flight.distance * KILOMETRES_PER_MILE : flight.distance;
    const served = conv > 0 && t >= kilometresFrom ? sent * (1 / KILOMETRES_PER_MILE) : sent;
    const common = { t, dep: DEPLOYMENT };
    const prediction: Record_ = {
      ...{ k: "p", id, rid: id, row: 0, at: t, v: version, role: "champion", conv, rt: 1, us: 400, ...common },
      req: { departure: t, distance: sent, origin: flight.origin, destination: flight.destination },
      f: options.features?.(flight) ?? [hourOfDay(t), dayOfWeek(t), Math.fround(served)],
      y: stump(t),
    };
    const beside: Record_[] = shadow ? [{ k: "s", id, v: shadow.version, y: shadow.score(flight), ...common }] : [];
    return [prediction, ...beside, { k: "o", id, rev: 0, label: flight.late, t: flight.known, at: flight.known }];
  });
  const records: Record_[] = [...pushes, ...answered, { k: "w", t: watermark, at: watermark }];
  await compactSegment(journal.deps, scope, await journal.seal(scope, records));
  await withTenant(journal.deps.db, scope.teamId, (tx) =>
    tx
      .update(projects)
      .set({ watermark: new Date(watermark) })
      .where(and(eq(projects.teamId, scope.teamId), eq(projects.id, scope.projectId))),
  );
}
