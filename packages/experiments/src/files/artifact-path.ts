import { AppError } from "@ballast/core";

const MOST_CHARACTERS = 1_000;
/** What most file systems allow between two slashes: a tree must be downloadable as it is. */
const MOST_BYTES_OF_A_PART = 255;
/** How often a path may be percent-encoded before it is taken at its word. */
const DECODINGS = 5;

/**
 * The path of a file below its owner's root, as it is kept: parts joined by `/`, no empty ones. Whatever could mean another place
 * to somebody who reads it later is refused: `..`, absolute paths, drive letters, backslashes, control characters, also where
 * they are percent-encoded once more.
 * @throws AppError `invalid_input` naming `field`
 */
export function artifactPath(given: string, field = "path"): string {
  const path = given.endsWith("/") ? given.slice(0, -1) : given;
  if (path === "") refuse(field, "is empty", "name a file below the artifact root");
  if (path.length > MOST_CHARACTERS) refuse(field, `is longer than ${MOST_CHARACTERS} characters`, "shorten it");
  if (!path.isWellFormed()) refuse(field, "is not Unicode text", "send UTF-8");
  for (const reading of readings(path)) checkReading(reading, field);
  for (const part of path.split("/")) {
    if (Buffer.byteLength(part) > MOST_BYTES_OF_A_PART)
      refuse(field, `has a name of more than ${MOST_BYTES_OF_A_PART} bytes`, "shorten it");
  }
  return path;
}

/** The same for a folder, where the empty path is the root itself. */
export function artifactFolder(given: string, field = "path"): string {
  return given === "" || given === "/" || given === "." ? "" : artifactPath(given, field);
}

/** The path, and what it becomes when it is decoded again and again. */
function* readings(path: string): Generator<string> {
  let reading = path;
  for (let i = 0; i <= DECODINGS; i++) {
    yield reading;
    const next = decoded(reading);
    if (next === reading) return;
    reading = next;
  }
}

/** The text percent-decoded, or as it is where that cannot be done. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function checkReading(path: string, field: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
  if (/[\u0000-\u001f\u007f]/.test(path)) refuse(field, "holds a control character", "leave it out");
  if (path.includes("\\")) refuse(field, "holds a backslash", 'separate folders with "/"');
  if (path.startsWith("/") || /^[A-Za-z]:(\/|$)/.test(path))
    refuse(field, "is absolute", "name it relative to the artifact root");
  const parts = path.split("/");
  if (parts.includes("..") || parts.includes(".")) refuse(field, 'has a part "." or ".."', "write the path out");
  if (parts.includes("")) refuse(field, "has an empty part", 'separate folders with a single "/"');
}

function refuse(field: string, problem: string, fix: string): never {
  throw new AppError("invalid_input", `${field} ${problem}: ${fix}.`, { details: { field } });
}
