import type { ConversionReach } from "@ballast/db";

/**
 * Accepted unit conversions, as every reader applies them. A conversion says: from event time `from` on, `column`
 * arrives in another unit, and value × factor + offset gives the declared one. Conversions of one column do not
 * compose: the one with the latest `from` that is not after the row wins, among equals the highest revision.
 */
export interface ConversionRule {
  revision: number;
  column: string;
  factor: number;
  offset: number;
  /** Event time, epoch ms, inclusive. */
  from: number;
  /** Unit that arrives, in words; readers of values have no need of it. */
  receivedUnit?: string;
  /** Whose values arrive so; everybody's in the project where it is null or missing. */
  appliesTo?: ConversionReach | null;
}

/** Whose values are read: a deployment's requests (by its id), or the rows pushed to a source. */
export type ConversionReader = { deployment: string } | { source: string };

/** The conversions of one reader: another sender of the same column may well send it as declared. */
export function rulesFor(rules: readonly ConversionRule[], reader: ConversionReader): ConversionRule[] {
  return rules.filter(({ appliesTo }) => {
    if (appliesTo == null) return true;
    return "source" in reader
      ? appliesTo.sources.includes(reader.source)
      : appliesTo.deployments.includes(reader.deployment);
  });
}

/** The rules known at a revision (all when null), newest `from` first: the first that is not after a row applies. */
export function rulesByColumn(rules: readonly ConversionRule[], revision: number | null = null) {
  const byColumn = new Map<string, ConversionRule[]>();
  for (const rule of rules) {
    if (revision !== null && rule.revision > revision) continue;
    const list = byColumn.get(rule.column);
    if (list) list.push(rule);
    else byColumn.set(rule.column, [rule]);
  }
  for (const list of byColumn.values()) list.sort((a, b) => b.from - a.from || b.revision - a.revision);
  return byColumn;
}

/** `value` of a row at event time `t` in its declared unit: one product and one sum in float64. */
export function convert(rules: readonly ConversionRule[] | undefined, t: number, value: number): number {
  if (rules === undefined) return value;
  for (const rule of rules) if (t >= rule.from) return value * rule.factor + rule.offset;
  return value;
}
