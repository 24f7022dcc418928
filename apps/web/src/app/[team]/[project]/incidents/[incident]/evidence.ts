/** What an incident's record says of its measurements. */
export interface IncidentEvidence {
  rows: number | undefined;
  windows: number | undefined;
  statistics: { test: string; statistic: string; value: number; limit: number | null }[];
}

const numberIn = (record: Readonly<Record<string, unknown>>, name: string): number | undefined => {
  const value = record[name];
  return typeof value === "number" ? value : undefined;
};

/** Reads the parts of an incident's evidence that a page shows; unknown parts are left out. */
export function readEvidence(evidence: Readonly<Record<string, unknown>>): IncidentEvidence {
  const list = Array.isArray(evidence.statistics) ? (evidence.statistics as unknown[]) : [];
  return {
    rows: numberIn(evidence, "rows"),
    windows: numberIn(evidence, "windows"),
    statistics: list.flatMap((entry) => {
      if (typeof entry !== "object" || entry === null) return [];
      const record = entry as Record<string, unknown>;
      const value = numberIn(record, "value");
      const { test, statistic } = record;
      if (typeof test !== "string" || typeof statistic !== "string" || value === undefined) return [];
      return [{ test, statistic, value, limit: numberIn(record, "limit") ?? null }];
    }),
  };
}
