import { createHash } from "node:crypto";
import type { LineageDataset, LineageFacts } from "./facts.ts";

/** Who makes the events, as a URI. */
const PRODUCER = "urn:ballast:platform:0.1.0";
const SPEC = "https://openlineage.io/spec";
const SCHEMA_URL = `${SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent`;
/** Namespace of the name-based UUIDs: OpenLineage wants a UUID where the platform has ids of its own. */
const UUID_NAMESPACE = Buffer.from("6f1a2f5e6b7c5d0e9a3c1d2e3f405162", "hex");

/** The UUID (version 5, RFC 9562) that stands for an id of the platform. */
export function lineageUuid(id: string): string {
  const bytes = createHash("sha1").update(UUID_NAMESPACE).update(id).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

const facet = (name: string, version: string, fields: Record<string, unknown>) => ({
  _producer: PRODUCER,
  _schemaURL: `${SPEC}/facets/${version}/${name}.json#/$defs/${name}`,
  ...fields,
});

/** An event of OpenLineage 2-0-2. */
export type RunEvent = Record<string, unknown> & { eventType: string; eventTime: string };

/** A dataset's URI where it has one that parses as a URI. */
function datasetOf(namespace: string, dataset: LineageDataset) {
  const facets: Record<string, unknown> = {};
  if (dataset.fields.length > 0) facets.schema = facet("SchemaDatasetFacet", "1-2-0", { fields: dataset.fields });
  if (dataset.version !== null)
    facets.version = facet("DatasetVersionDatasetFacet", "1-0-1", { datasetVersion: dataset.version });
  const uri = dataset.source !== null && URL.canParse(dataset.source) ? dataset.source : null;
  facets.dataSource = facet("DatasourceDatasetFacet", "1-0-1", {
    name: dataset.name,
    uri: uri ?? `${namespace}/${encodeURIComponent(dataset.name)}`,
  });
  return { namespace, name: dataset.name, facets };
}

function runOf(facts: LineageFacts) {
  const { namespace, parent, run } = facts;
  const facets: Record<string, unknown> = {
    tags: facet("TagsRunFacet", "1-0-0", {
      tags: [{ key: "ballast_id", value: run.id, source: "BALLAST" }],
    }),
  };
  if (parent) {
    facets.parent = facet("ParentRunFacet", "1-2-0", {
      run: { runId: lineageUuid(parent.runId) },
      job: { namespace, name: parent.job },
    });
  }
  if (facts.error !== null && facts.outcome === "failed") {
    facets.errorMessage = facet("ErrorMessageRunFacet", "1-0-1", {
      message: facts.error,
      programmingLanguage: "unknown",
    });
  }
  return { runId: lineageUuid(run.id), facets };
}

function jobOf(facts: LineageFacts) {
  const facets: Record<string, unknown> = {
    jobType: facet("JobTypeJobFacet", "2-0-4", {
      processingType: "BATCH",
      integration: "BALLAST",
      jobType: facts.job.type,
    }),
  };
  if (facts.code) {
    const { repository, version } = facts.code;
    const url = repository !== null && URL.canParse(repository) ? repository : null;
    facets.sourceCodeLocation = facet("SourceCodeLocationJobFacet", "1-1-0", {
      type: "git",
      url: url ?? `urn:ballast:code:${encodeURIComponent(version)}`,
      ...(url ? { repoUrl: url } : {}),
      version,
    });
  }
  return { namespace: facts.namespace, name: facts.job.name, facets };
}

const END_TYPE = { succeeded: "COMPLETE", failed: "FAIL", stopped: "ABORT" } as const;

/** The events of a run so far: START, and COMPLETE, FAIL or ABORT once it has ended. Inputs are in both, outputs in the last. */
export function runEvents(facts: LineageFacts): RunEvent[] {
  const common = {
    producer: PRODUCER,
    schemaURL: SCHEMA_URL,
    run: runOf(facts),
    job: jobOf(facts),
    inputs: facts.inputs.map((input) => datasetOf(facts.namespace, input)),
  };
  const start = { eventType: "START", eventTime: facts.run.startedAt.toISOString(), ...common, outputs: [] };
  if (facts.outcome === "running" || facts.run.endedAt === null) return [start];
  const outputs = facts.outputs.map((output) => datasetOf(facts.namespace, output));
  const eventTime = facts.run.endedAt.toISOString();
  return [start, { eventType: END_TYPE[facts.outcome], eventTime, ...common, outputs }];
}
