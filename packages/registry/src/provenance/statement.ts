import type { VersionFacts } from "./facts.ts";

/** Media type of an in-toto statement within a DSSE envelope. */
export const STATEMENT_TYPE = "application/vnd.in-toto+json";

/** JSON with keys in order of their code units and no white space: the same facts are the same bytes. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((one) => canonicalJson(one ?? null)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const entries = Object.entries(value)
    .filter(([, child]) => child !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, child]) => `${JSON.stringify(key)}:${canonicalJson(child)}`).join(",")}}`;
}

/**
 * What is attested of a version, as an in-toto Statement v1 with a SLSA Provenance v1 predicate: its files by digest are the
 * subjects; model, version and run say what was built, the data it was built from are its dependencies.
 */
export function statementOf(facts: VersionFacts, builder: string): string {
  const { version, model, run, data, files, loggedModel } = facts;
  const { lineage } = version;
  const code = lineage.codeVersion ?? (run?.codeVersion || null);
  return canonicalJson({
    _type: "https://in-toto.io/Statement/v1",
    subject: files.map((file) => ({ name: file.path, digest: { sha256: file.digest } })),
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: {
        buildType: "urn:ballast:model-version:v1",
        externalParameters: {
          model: model.name,
          version: String(version.version),
          ...(code ? { codeVersion: code } : {}),
          ...(lineage.trainedFrom ? { trainedFrom: lineage.trainedFrom } : {}),
          ...(lineage.trainedTo ? { trainedTo: lineage.trainedTo } : {}),
        },
        internalParameters: {
          versionId: version.id,
          modelId: model.id,
          ...(run ? { runId: run.id } : {}),
          ...(loggedModel ? { loggedModelId: loggedModel.id } : {}),
          ...(lineage.trainingJobId ? { trainingJobId: lineage.trainingJobId } : {}),
          featureViews: lineage.featureViews.map((view) => ({ name: view.name, version: view.version, id: view.id })),
        },
        resolvedDependencies: data.map((one) => ({
          name: `${one.name}@${one.version}`,
          ...(one.digest ? { digest: { sha256: one.digest } } : { annotations: { clientDigest: one.version } }),
        })),
      },
      runDetails: {
        builder: { id: builder },
        metadata: {
          invocationId: run?.id ?? version.id,
          ...(run ? { startedOn: run.startedAt.toISOString() } : {}),
          ...(run?.endedAt ? { finishedOn: run.endedAt.toISOString() } : {}),
        },
      },
    },
  });
}
