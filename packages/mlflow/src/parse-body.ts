import { refuseUnstorable } from "@ballast/governance/server";
import { MlflowError } from "./errors.ts";

type Values = Record<string, unknown>;

/** `\u0000` and surrogates as JSON writes them: only then can a text hold what PostgreSQL cannot. */
const SUSPECT = /\\u(?:0000|d[89a-f])/i;
/** A string that is not closed matches too: every character is then looked at once. */
const STRING_OR_BARE = /"(?:[^"\\]|\\.)*(?:"|$)|-?Infinity|NaN/gs;

/**
 * The fields of a JSON body. None is an empty request; old clients encode theirs twice; Python's own `json` writes NaN and
 * Infinity bare. @throws MlflowError BAD_REQUEST for what is no JSON object
 */
export function parseBody(body: Buffer): Values {
  if (body.length === 0) return {};
  const text = body.toString("utf8");
  let value = parse(text);
  if (typeof value === "string") value = parse(value);
  if (value === null) return {};
  if (typeof value !== "object" || Array.isArray(value)) {
    throw new MlflowError("BAD_REQUEST", "The body must be a JSON object.");
  }
  if (SUSPECT.test(text)) refuseUnstorable(value);
  return value as Values;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (/NaN|Infinity/.test(text)) {
      try {
        return JSON.parse(text.replace(STRING_OR_BARE, (found) => (found.startsWith('"') ? found : `"${found}"`)));
      } catch {
        // Told below, as of the text that was sent.
      }
    }
    const reason = error instanceof Error ? error.message.slice(0, 200) : String(error);
    throw new MlflowError("BAD_REQUEST", `The body is not valid JSON: ${reason}`);
  }
}

/** The fields of a query string; a key that is repeated is a list. */
export function parseQuery(search: string): Values {
  const values = new Map<string, string | string[]>();
  for (const [key, value] of new URLSearchParams(search)) {
    const held = values.get(key);
    values.set(key, held === undefined ? value : Array.isArray(held) ? [...held, value] : [held, value]);
  }
  const fields = Object.fromEntries(values);
  if (search.includes("%00")) refuseUnstorable(fields);
  return fields;
}
