import { PERMISSIONS, type Permission } from "@ballast/core";
import { z } from "zod";
import type { AppRouter } from "../index.ts";

/** JSON Schema 2020-12, as OpenAPI 3.1 takes it. */
export type JsonSchema = Record<string, unknown>;

/** One procedure as HTTP sees it. */
export interface Operation {
  /** `domain.name`, as in the router. */
  path: string;
  type: "query" | "mutation";
  access: "public" | "user" | Permission;
  /** What its input is parsed with, in turn. */
  inputs: readonly z.ZodType[];
  /** The input as one object; `team` and `project` are optional, as a token implies them. */
  input: { properties: Record<string, JsonSchema>; required: string[] };
  output: JsonSchema | null;
}

interface ProcedureDefinition {
  type: "query" | "mutation" | "subscription";
  inputs?: z.ZodType[];
  output?: z.ZodType;
  meta?: { access?: Operation["access"] };
}

const FROM_TOKEN = ["team", "project"];
const known = new WeakMap<AppRouter, ReadonlyMap<string, Operation>>();

/** Every procedure that answers once, by path. Streams are not among them: they speak server-sent events over tRPC. */
export function operationsOf(router: AppRouter): ReadonlyMap<string, Operation> {
  const before = known.get(router);
  if (before) return before;
  const operations = new Map<string, Operation>();
  const procedures = router._def.procedures as unknown as Record<string, { _def: ProcedureDefinition }>;
  for (const [path, { _def }] of Object.entries(procedures)) {
    if (_def.type === "subscription") continue;
    const inputs = _def.inputs ?? [];
    const access = _def.meta?.access ?? "user";
    const output = _def.output ? schemaOf(_def.output, "output") : null;
    operations.set(path, { path, type: _def.type, access, inputs, input: mergedInput(inputs), output });
  }
  known.set(router, operations);
  return operations;
}

/** Permission or other access in words. */
export function accessWords(access: Operation["access"]): string {
  if (access === "public") return "Open to everybody.";
  if ((PERMISSIONS as readonly string[]).includes(access)) return `Needs the permission \`${access}\` in the project.`;
  return "For signed-in people; tokens are refused.";
}

function schemaOf(schema: z.ZodType, io: "input" | "output"): JsonSchema {
  const json = z.toJSONSchema(schema, {
    io,
    unrepresentable: "any",
    override({ zodSchema, jsonSchema }) {
      if (zodSchema._zod.def.type !== "date") return;
      jsonSchema.type = "string";
      jsonSchema.format = "date-time";
    },
  }) as JsonSchema;
  const { $schema: _dialect, ...rest } = json;
  return rest;
}

/** tRPC parses the same object with each schema and merges what they read. */
function mergedInput(inputs: readonly z.ZodType[]): Operation["input"] {
  const properties: Record<string, JsonSchema> = {};
  const required = new Set<string>();
  for (const schema of inputs.map((input) => schemaOf(input, "input"))) {
    Object.assign(properties, schema.properties ?? {});
    for (const name of (schema.required as string[] | undefined) ?? []) required.add(name);
  }
  return { properties, required: [...required].filter((name) => !FROM_TOKEN.includes(name)) };
}

/** How a field travels in a query string: text as it is, all else as JSON (which for numbers and booleans looks the same). */
export function travelsAsText(schema: JsonSchema): boolean {
  return schema.type === "string";
}
