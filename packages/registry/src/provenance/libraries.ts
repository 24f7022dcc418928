/** A Python library that a model needs. */
export interface Library {
  name: string;
  /** Exact version; null where a range or nothing is asked for. */
  version: string | null;
  /** What was asked for, as written. */
  requirement: string;
}

const REQUIREMENT = /^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(.*)$/;

function requirementOf(text: string): Library | null {
  const requirement =
    text
      .replace(/(^|\s)#.*$/, "")
      .split(";")[0]
      ?.trim() ?? "";
  if (requirement === "" || requirement.startsWith("-")) return null;
  const parts = REQUIREMENT.exec(requirement);
  if (!parts?.[1]) return null;
  const exact = /^={2,3}\s*([A-Za-z0-9.!+_-]+)$/.exec(parts[2] ?? "")?.[1] ?? null;
  return { name: parts[1], version: exact, requirement };
}

/** Libraries of a `requirements.txt` (PEP 508 lines; options, comments and markers are left out). */
export function librariesOfRequirements(text: string): Library[] {
  return text.split(/\r?\n/).flatMap((line) => requirementOf(line) ?? []);
}

/** Libraries of a `conda.yaml`: conda's own (`name=version`) and the pip list within; enough YAML for what MLflow writes. */
export function librariesOfConda(text: string): Library[] {
  const found: Library[] = [];
  let inside = false;
  let pipIndent = -1;
  for (const line of text.split(/\r?\n/)) {
    if (/^\S/.test(line)) inside = line.startsWith("dependencies:") || (inside && line.startsWith("-"));
    const item = /^(\s*)-\s+(.+?)\s*$/.exec(line);
    if (!inside || !item) continue;
    const indent = item[1]?.length ?? 0;
    const value = (item[2] ?? "").replace(/^["']|["']$/g, "");
    if (value === "pip:") pipIndent = indent;
    else if (pipIndent >= 0 && indent > pipIndent)
      found.push(...(requirementOf(value) ? [requirementOf(value) as Library] : []));
    else {
      pipIndent = -1;
      const conda = /^([A-Za-z0-9._-]+)(?:=+([^=<>\s]+))?/.exec(value);
      if (conda?.[1]) found.push({ name: conda[1], version: conda[2] ?? null, requirement: value });
    }
  }
  return found;
}
