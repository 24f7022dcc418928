import type { Outputs } from "./outputs.ts";

export type FeatureViewDefinition = Outputs["feature"]["list"][number]["definition"];

export interface FeatureInWords {
  name: string;
  /** How the value comes about, one sentence. */
  words: string;
  /** What it is measured in: `mile`, `share, 0 to 1`; null where none is declared. */
  unit: string | null;
}

/** A duration of a feature's window in whole units: 3 h, 24 h, 7 d. */
function windowWords(milliseconds: number): string {
  const hours = milliseconds / 3_600_000;
  if (hours >= 48 && hours % 24 === 0) return `${hours / 24} d`;
  if (Number.isInteger(hours)) return `${hours} h`;
  return `${Math.round(milliseconds / 60_000)} min`;
}

type RequestExpression = Extract<FeatureViewDefinition, { kind: "request" }>["features"][number]["expression"];

const expressionWords: Readonly<
  Record<RequestExpression["op"], (column: string) => { words: string; scale: string | null }>
> = {
  column: (column) => ({ words: `${column}, as the request gives it.`, scale: null }),
  hour_of_day: (column) => ({ words: `Hour of the wall-clock time in ${column}.`, scale: "hour, 0 to 23" }),
  day_of_week: (column) => ({
    words: `Weekday of the wall-clock time in ${column}.`,
    scale: "day, Monday 0 to Sunday 6",
  }),
};

/** Each feature of a view, as one would say it. */
export function featuresInWords(definition: FeatureViewDefinition): FeatureInWords[] {
  if (definition.kind === "request") {
    return definition.features.map(({ name, expression, unit }) => {
      const { words, scale } = expressionWords[expression.op](expression.column);
      return { name, words, unit: unit ?? scale };
    });
  }
  const { of, source, knownAt, requestTime } = definition;
  return definition.features.map(({ name, key, windowMs }) => ({
    name,
    words: `Share of ${source} rows with ${of} among those of the same ${key} whose ${knownAt} lies in the ${windowWords(windowMs)} up to ${requestTime}.`,
    unit: "share, 0 to 1",
  }));
}

/** What a view is fed by, and when its values are known. */
export function viewInWords(definition: FeatureViewDefinition): string {
  if (definition.kind === "request") return "Computed from the request row alone, at the moment it is asked.";
  const missing =
    definition.onMissing === "null" ? "an unknown key serves a missing value" : "an unknown key refuses the request";
  return `Kept from the rows pushed to ${definition.source}. A row counts from its ${definition.knownAt} on, never earlier, when serving and when training alike; ${missing}.`;
}
