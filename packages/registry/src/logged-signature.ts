import type { ArtifactStore } from "@ballast/artifacts";
import { isAppError, type Scope } from "@ballast/core";
import { type Database, withTenant } from "@ballast/db";
import { parse } from "yaml";
import { z } from "zod";
import { findVersion } from "./records.ts";
import { fileOfVersion } from "./version-file.ts";

/** A column or tensor of a model as its client described it. */
export interface LoggedSpec {
  /** Null for a model's only tensor, which needs none. */
  name: string | null;
  /** MLflow's type: `double`, `string`, `float64` of a tensor, `array of long`, `object of a, b`. */
  type: string;
  /** Of a tensor; −1 is free. */
  shape: number[] | null;
  required: boolean;
}
export interface LoggedSignature {
  inputs: LoggedSpec[];
  outputs: LoggedSpec[];
  params: { name: string; type: string; default: string }[];
}

const MOST_BYTES = 1024 * 1024;
const MOST_SPECS = 10_000;

interface Typed {
  type: string;
  items?: Typed | undefined;
  properties?: Record<string, unknown> | undefined;
  values?: Typed | undefined;
}
const typed: z.ZodType<Typed> = z.lazy(() =>
  z.object({
    type: z.string(),
    items: typed.optional(),
    properties: z.record(z.string(), z.unknown()).optional(),
    values: typed.optional(),
  }),
);
const tensor = z.object({ dtype: z.string(), shape: z.array(z.number()) });
const spec = z.intersection(
  typed,
  z.object({ name: z.string().nullish(), required: z.boolean().optional(), "tensor-spec": tensor.optional() }),
);
const param = z.object({ name: z.string(), type: z.string(), default: z.unknown() });

/** MLflow writes each list as JSON text within the YAML. */
function list<T>(item: z.ZodType<T>, text: unknown): T[] {
  if (typeof text !== "string") return [];
  return z.array(item).max(MOST_SPECS).parse(JSON.parse(text));
}

function typeText({ type, items, properties, values }: Typed): string {
  if (items !== undefined) return `array of ${typeText(items)}`;
  if (values !== undefined) return `map of ${typeText(values)}`;
  return properties === undefined ? type : `object of ${Object.keys(properties).join(", ")}`;
}

const specsOf = (text: unknown): LoggedSpec[] =>
  list(spec, text).map((one) => ({
    name: one.name ?? null,
    type: one["tensor-spec"]?.dtype ?? typeText(one),
    shape: one["tensor-spec"]?.shape ?? null,
    required: one.required ?? true,
  }));

/** The signature in an `MLmodel` file (MLflow, "Model Signatures And Input Examples"); null without one, or where it is not readable. Pure. */
export function readSignature(mlmodel: string): LoggedSignature | null {
  try {
    const { signature } = z
      .object({ signature: z.record(z.string(), z.unknown()).nullish() })
      .parse(parse(mlmodel, { maxAliasCount: 0 }));
    if (signature == null) return null;
    return {
      inputs: specsOf(signature.inputs),
      outputs: specsOf(signature.outputs),
      params: list(param, signature.params).map(({ name, type, default: value }) => ({
        ...{ name, type },
        default: JSON.stringify(value) ?? "null",
      })),
    };
  } catch {
    return null;
  }
}

/** The signature that was logged with a version's model; null where none was, or its file is gone. @throws AppError `not_found` */
export async function loggedSignature(
  deps: { db: Database; artifacts: ArtifactStore },
  scope: Scope,
  versionId: string,
): Promise<LoggedSignature | null> {
  const file = await withTenant(deps.db, scope.teamId, async (tx) => {
    const { version } = await findVersion(tx, scope, { id: versionId });
    return fileOfVersion(tx, scope, version, ["MLmodel"]);
  });
  if (file === null || file.sizeBytes > MOST_BYTES) return null;
  try {
    return readSignature((await deps.artifacts.get(file.digest)).toString("utf8"));
  } catch (error) {
    if (isAppError(error) && error.status < 500) return null;
    throw error;
  }
}
