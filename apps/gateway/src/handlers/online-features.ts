import { notFound } from "@ballast/core";
import type { FeatureBinding } from "@ballast/db";
import { compileBindings, rulesFor } from "@ballast/features";
import type { Call } from "../http/call.ts";
import { newestViews, versionedViews, viewKey } from "../project/deployment-plan.ts";
import type { Project } from "../project/project.ts";
import type { ProjectSnapshot } from "../sync/snapshot.ts";
import { readColumns, readEventTime, readObject, refuseField } from "./fields.ts";

const MOST_ROWS = 10_000;
const MOST_FEATURES = 1_000;
/** Values of an answer, those of the entities included: it is made on the serving thread, in some 0.15 s. */
const MOST_VALUES = 200_000;

/**
 * `POST /get-online-features`, Feast's shape: `{features: ["view:feature"], entities: {column: [values]},
 * full_feature_names?}`, `event_time?` as the moment asked about (now, if left out), and `deployment?`, whose callers send
 * the values. A request feature's columns are entities too: they are converted as that deployment's requests are, without
 * one only as everybody's. Answers Feast's `metadata.feature_names` and one `results` entry per name.
 */
export function onlineFeatures(call: Call, project: Project): void {
  const body = readObject(call.json(), "body");
  const { columns, rows } = readColumns(body.entities, "entities");
  if (rows > MOST_ROWS) refuseField("entities", `must hold at most ${MOST_ROWS} rows`);
  const t = body.event_time === undefined ? Date.now() : readEventTime(body.event_time, "event_time");
  const { snapshot, store } = project;
  const bindings = readFeatures(body.features, newestViews(snapshot.views));
  const values = rows * (Object.keys(columns).length + bindings.length);
  if (values > MOST_VALUES) {
    refuseField(
      "entities",
      `with features asks for ${values} values (rows × columns); at most ${MOST_VALUES} are possible`,
    );
  }
  const views = versionedViews(snapshot.views);
  const deployment = body.deployment === undefined ? "" : deploymentOf(snapshot, body.deployment);
  const compiled = compileBindings(views, bindings, store, rulesFor(snapshot.conversions, { deployment }));
  const times = views.flatMap((view) => (view.kind === "trailing_share" ? [view.requestTime] : []));
  const out = new Float32Array(rows * compiled.width);
  for (let row = 0; row < rows; row++) {
    const request: Record<string, unknown> = {};
    for (const name of times) request[name] = t;
    for (const [name, values] of Object.entries(columns)) request[name] = values[row];
    compiled.compute(request, t, out, row * compiled.width, row);
  }
  const full = body.full_feature_names === true;
  const entities = Object.entries(columns);
  const stamp = new Date(t).toISOString();
  const names = bindings.map(({ view, feature }) => (full ? `${view.split("@")[0]}__${feature}` : feature));
  call.answer({
    metadata: { feature_names: [...entities.map(([name]) => name), ...names] },
    results: [
      ...entities.map(([, values]) => column(values, stamp)),
      ...bindings.map((_, j) => {
        const values = Array.from({ length: rows }, (_, row) => out[row * compiled.width + j] as number);
        return column(
          values.map((value) => (Number.isNaN(value) ? null : value)),
          stamp,
        );
      }),
    ],
  });
}

function deploymentOf({ deployments }: ProjectSnapshot, name: unknown): string {
  if (typeof name !== "string") refuseField("deployment", "must be a deployment's name");
  const found = deployments.find((deployment) => deployment.name === name);
  if (found === undefined) throw notFound("Model", name);
  return found.id;
}

function column(values: readonly unknown[], stamp: string) {
  return {
    values,
    statuses: values.map((value) => (value === null ? "NOT_FOUND" : "PRESENT")),
    event_timestamps: values.map(() => stamp),
  };
}

function readFeatures(value: unknown, newest: ReadonlyMap<string, number>): FeatureBinding[] {
  if (!Array.isArray(value) || value.length === 0) refuseField("features", 'must be an array of "view:feature"');
  if (value.length > MOST_FEATURES) {
    refuseField("features", `holds ${value.length} names; at most ${MOST_FEATURES} are possible`);
  }
  return value.map((name: unknown, i) => {
    const match = typeof name === "string" ? /^([^:@]+)(?:@(\d+))?:([^:]+)$/.exec(name) : null;
    if (!match) refuseField(`features[${i}]`, 'must be "view:feature" or "view@version:feature"');
    const [, view = "", version, feature = ""] = match;
    const number = version === undefined ? newest.get(view) : Number(version);
    return { input: String(name), view: number === undefined ? view : viewKey(view, number), feature };
  });
}
