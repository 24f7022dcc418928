import { createHash } from "node:crypto";
import type { ArtifactStore } from "@ballast/artifacts";
import { isAppError, type Scope } from "@ballast/core";
import { type Database, withTenant } from "@ballast/db";
import { type VersionFacts, versionFacts } from "./facts.ts";
import { type Library, librariesOfConda, librariesOfRequirements } from "./libraries.ts";

/** Requirement files larger than this were not written by a person or MLflow. */
const MOST_BYTES = 1_000_000;

const sha256 = (content: string) => [{ alg: "SHA-256", content }];
const text = (value: unknown) => (typeof value === "string" ? value : String(value));

/** An RFC 4122 URN made from the version's id, so that the same version has the same serial number. */
function serialOf(versionId: string): string {
  const hex = createHash("sha256").update(versionId).digest("hex").slice(0, 32).split("");
  hex[12] = "8";
  hex[16] = "8";
  const id = hex.join("");
  const parts = [id.slice(0, 8), id.slice(8, 12), id.slice(12, 16), id.slice(16, 20), id.slice(20)];
  return `urn:uuid:${parts.join("-")}`;
}

function metricsOf(facts: VersionFacts): { type: string; value: string }[] {
  return Object.entries(facts.version.metrics).map(([type, value]) => ({ type, value: String(value) }));
}

function modelCard(facts: VersionFacts) {
  const { version, data, run, loggedModel } = facts;
  const params = { ...(loggedModel?.params ?? {}), ...(run?.params ?? {}) };
  const properties = Object.entries(params)
    .slice(0, 500)
    .map(([name, value]) => ({ name: `param:${name}`, value: text(value) }));
  const signature = version.signature;
  return {
    modelParameters: {
      ...(data.length > 0 ? { datasets: data.map((one) => ({ ref: `data:${one.name}@${one.version}` })) } : {}),
      ...(signature
        ? {
            inputs: signature.inputs.map((tensor) => ({
              format: `${tensor.datatype} [${tensor.shape.join(", ")}] ${tensor.name}`,
            })),
            outputs: signature.outputs.map((tensor) => ({
              format: `${tensor.datatype} [${tensor.shape.join(", ")}] ${tensor.name}`,
            })),
          }
        : {}),
    },
    ...(metricsOf(facts).length > 0 ? { quantitativeAnalysis: { performanceMetrics: metricsOf(facts) } } : {}),
    ...(properties.length > 0 ? { properties } : {}),
  };
}

const libraryRef = (library: Library) => `pkg:${library.name}@${library.version ?? "any"}`;

/** `pkg:pypi/name@version`: PyPI names are lower case with dashes. */
function purlOf(library: Library): string {
  const name = library.name.toLowerCase().replace(/[._]+/g, "-");
  return `pkg:pypi/${name}${library.version ? `@${encodeURIComponent(library.version)}` : ""}`;
}

function componentsOf(facts: VersionFacts, libraries: Library[]) {
  const files = facts.files.map((file) => ({
    type: "file",
    "bom-ref": `file:${file.path}`,
    name: file.path,
    hashes: sha256(file.digest),
    properties: [{ name: "ballast:sizeBytes", value: String(file.sizeBytes) }],
  }));
  const data = facts.data.map((one) => ({
    type: "data",
    "bom-ref": `data:${one.name}@${one.version}`,
    name: one.name,
    version: one.version,
    ...(one.digest ? { hashes: sha256(one.digest) } : {}),
    data: [
      {
        type: "dataset",
        name: one.name,
        ...(one.rows === null ? {} : { contents: { properties: [{ name: "ballast:rows", value: String(one.rows) }] } }),
      },
    ],
  }));
  const needed = libraries.map((library) => ({
    type: "library",
    "bom-ref": libraryRef(library),
    name: library.name,
    ...(library.version ? { version: library.version } : {}),
    purl: purlOf(library),
    properties: [{ name: "ballast:requirement", value: library.requirement }],
  }));
  return [...files, ...data, ...needed];
}

function modelComponent(facts: VersionFacts) {
  const { model, version, run, files } = facts;
  const { lineage } = version;
  const known: [string, string | null | undefined][] = [
    ["ballast:versionId", version.id],
    ["ballast:runId", run?.id],
    ["ballast:experiment", run?.experiment],
    ["ballast:trainingJobId", lineage.trainingJobId],
    ["ballast:codeVersion", lineage.codeVersion ?? run?.codeVersion],
    ["ballast:trainedFrom", lineage.trainedFrom],
    ["ballast:trainedTo", lineage.trainedTo],
    ["ballast:cause", version.cause],
    ["ballast:createdBy", version.createdBy],
    ["ballast:source", version.source],
    ...lineage.featureViews.map((view): [string, string] => ["ballast:featureView", `${view.name} v${view.version}`]),
  ];
  const [only] = files;
  return {
    type: "machine-learning-model",
    "bom-ref": `model:${model.name}@${version.version}`,
    name: model.name,
    version: String(version.version),
    ...(version.description || model.description ? { description: version.description || model.description } : {}),
    ...(files.length === 1 && only ? { hashes: sha256(only.digest) } : {}),
    modelCard: modelCard(facts),
    properties: known.flatMap(([name, value]) => (value ? [{ name, value }] : [])),
  };
}

/**
 * The bill of materials of a model version, CycloneDX 1.6 JSON: the model with its card as the main component; its files, data and
 * libraries as components it depends on. Pure.
 */
function mlBomOf(facts: VersionFacts, libraries: Library[]): Record<string, unknown> {
  const main = modelComponent(facts);
  const unique = [...new Map(libraries.map((library) => [libraryRef(library), library])).values()];
  const components = componentsOf(facts, unique);
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: serialOf(facts.version.id),
    version: 1,
    metadata: {
      timestamp: facts.version.createdAt.toISOString(),
      tools: { components: [{ type: "application", name: "Ballast", version: "0.1.0" }] },
      component: main,
    },
    components,
    dependencies: [
      { ref: main["bom-ref"], dependsOn: components.map((component) => component["bom-ref"]) },
      ...components.map((component) => ({ ref: component["bom-ref"] })),
    ],
  };
}

async function librariesOf(artifacts: ArtifactStore, facts: VersionFacts): Promise<Library[]> {
  const read = async (name: string) => {
    const file = facts.files.find(({ path, sizeBytes }) => path === name && sizeBytes <= MOST_BYTES);
    if (!file) return null;
    try {
      return (await artifacts.get(file.digest)).toString("utf8");
    } catch (error) {
      if (isAppError(error)) return null;
      throw error;
    }
  };
  const requirements = await read("requirements.txt");
  if (requirements !== null) return librariesOfRequirements(requirements);
  const conda = await read("conda.yaml");
  return conda === null ? [] : librariesOfConda(conda);
}

/** {@link mlBomOf} for a version of the project. 404 if it is not. */
export async function mlBom(
  deps: { db: Database; artifacts: ArtifactStore },
  scope: Scope,
  versionId: string,
): Promise<Record<string, unknown>> {
  const facts = await withTenant(deps.db, scope.teamId, (tx) => versionFacts(tx, scope, versionId));
  return mlBomOf(facts, await librariesOf(deps.artifacts, facts));
}
