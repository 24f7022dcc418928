import { MISSING } from "@ballast/ui";

/** Why a version or a job exists, in words. */
export function causeWords(cause: string): string {
  if (cause === "initial") return "the first of its kind";
  if (cause === "manual") return "by hand";
  const [kind, name] = cause.split(":", 2);
  if (kind === "policy") return `asked for by policy ${name ?? MISSING}`;
  if (kind === "pipeline") return `made by pipeline ${name ?? MISSING}`;
  return cause;
}
