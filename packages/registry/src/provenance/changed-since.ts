/** Lists that may grow after the signature: a run that goes on names more data. */
const GROWING = new Set(["predicate.buildDefinition.resolvedDependencies"]);

/**
 * Where a statement that was signed holds no more, as paths within it: empty while all it said is still so. What was not known when
 * it was signed (the end of a run that went on, its code version, more of its data) contradicts nothing; another file does. Pure.
 */
export function changedSince(signed: unknown, now: unknown, path = ""): string[] {
  if (Array.isArray(signed)) {
    if (!Array.isArray(now)) return [path];
    const before = signed.map((one) => JSON.stringify(one));
    const after = now.map((one) => JSON.stringify(one));
    const holds =
      before.every((one) => after.includes(one)) && (GROWING.has(path) || after.every((one) => before.includes(one)));
    return holds ? [] : [path];
  }
  if (typeof signed !== "object" || signed === null) return Object.is(signed, now) ? [] : [path];
  if (typeof now !== "object" || now === null) return [path];
  const current = now as Record<string, unknown>;
  return Object.entries(signed).flatMap(([key, value]) =>
    changedSince(value, current[key], path === "" ? key : `${path}.${key}`),
  );
}
