import { AppError, isAppError } from "./error.ts";
import { isLoggedModelId } from "./id.ts";

/** Where a version's files are, as its source names it. Pure reading of the text. */
export type ParsedSource =
  | { kind: "files"; owner: "run" | "logged_model"; ownerId: string; path: string }
  | { kind: "version"; name: string; version: number }
  | { kind: "alias"; name: string; alias: string }
  | { kind: "digest"; digest: string }
  /** Files that somebody else keeps: s3, gs, https, … */
  | { kind: "elsewhere" };

const MOST_SOURCE = 2_048;

const invalid = (source: string, why: string) =>
  new AppError("invalid_input", `Invalid model version source: '${source.slice(0, 200)}'. ${why}`, {
    details: { field: "source" },
  });

function artifactSource(source: string, path: string): ParsedSource {
  const parts = path.split("/").filter((part) => part !== "");
  const [, second, third, fourth] = parts;
  if (second === "models" && third !== undefined && fourth === "artifacts") {
    return { kind: "files", owner: "logged_model", ownerId: third, path: parts.slice(4).join("/") };
  }
  if (second !== undefined && third === "artifacts") {
    return { kind: "files", owner: "run", ownerId: second, path: parts.slice(3).join("/") };
  }
  throw invalid(source, "An artifact URI reads mlflow-artifacts:/<experiment>/<run>/artifacts/<path>.");
}

function modelSource(source: string, rest: string): ParsedSource {
  if (isLoggedModelId(rest)) return { kind: "files", owner: "logged_model", ownerId: rest, path: "" };
  const numbered = /^([^/@]+)\/(\d{1,9})$/.exec(rest);
  if (numbered) return { kind: "version", name: numbered[1] as string, version: Number(numbered[2]) };
  const aliased = /^([^/@]+)@([\w-]+)$/.exec(rest);
  if (aliased) return { kind: "alias", name: aliased[1] as string, alias: aliased[2] as string };
  throw invalid(
    source,
    "A model URI reads models:/<logged model id>, models:/<name>/<version> or models:/<name>@<alias>.",
  );
}

/** Reads a source. @throws AppError `invalid_input` for one that names no place a version may be registered from */
export function parseSource(source: string): ParsedSource {
  if (source.length > MOST_SOURCE) throw invalid(source, `It is longer than ${MOST_SOURCE} characters.`);
  let decoded = source;
  for (let i = 0; i < 5; i++) {
    if (decoded.split(/[/\\]/).includes("..")) throw invalid(source, 'It must not hold a part "..".');
    try {
      decoded = decodeURIComponent(decoded);
    } catch {
      break;
    }
  }
  if (/^[0-9a-f]{64}$/.test(source)) return { kind: "digest", digest: source };
  const [, scheme, rest = ""] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(source) ?? [];
  const path = rest.replace(/^\/+/, "");
  switch (scheme?.toLowerCase()) {
    case "models":
      return modelSource(source, path);
    case "runs": {
      const [ownerId = "", ...folders] = path.split("/").filter((part) => part !== "");
      if (ownerId === "") throw invalid(source, "A run URI reads runs:/<run id>/<path>.");
      return { kind: "files", owner: "run", ownerId, path: folders.join("/") };
    }
    case "mlflow-artifacts":
      // With a host it is `//host/path`, without `/path`.
      return artifactSource(source, /^\/\/[^/]/.test(rest) ? path.slice(path.indexOf("/") + 1) : path);
    case undefined:
    case "file":
      throw invalid(
        source,
        "To use a local path as a model version source, the run_id request parameter has to be specified and the local path has to be contained within the artifact directory of the run specified by the run_id.",
      );
    default:
      return { kind: "elsewhere" };
  }
}

/**
 * Whose files a version's source names, and in which folder of theirs (empty for the root); null where it names no run or logged model
 * of ours, also where it was kept before sources were checked and reads as none.
 */
export function filesOfSource(source: string | null): { ownerId: string; path: string } | null {
  if (source === null) return null;
  try {
    const parsed = parseSource(source);
    return parsed.kind === "files" ? { ownerId: parsed.ownerId, path: parsed.path } : null;
  } catch (error) {
    if (isAppError(error)) return null;
    throw error;
  }
}

/** Whose files a version's are, and in which folder of theirs: its logged model's, else what its source names. Null without. */
export function placeOfFiles(version: {
  loggedModelId: string | null;
  source: string | null;
}): { ownerId: string; path: string } | null {
  return version.loggedModelId === null ? filesOfSource(version.source) : { ownerId: version.loggedModelId, path: "" };
}
