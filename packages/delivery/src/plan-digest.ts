import { createHash } from "node:crypto";
import type { RolloutPlan } from "@ballast/db";

/** JSON with every object's keys sorted: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  const entries = Object.entries(value)
    .filter(([, held]) => held !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${entries.map(([key, held]) => `${JSON.stringify(key)}:${canonicalJson(held)}`).join(",")}}`;
}

/** Hex SHA-256 of a plan's canonical JSON: shows that the plan was not changed after the first observation. */
export function planDigest(plan: RolloutPlan): string {
  return createHash("sha256").update(canonicalJson(plan)).digest("hex");
}
