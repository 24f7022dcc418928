export type ParamValue = string | number | boolean;

/** What the form holds: texts as typed. */
export interface TrainingDraft {
  pipeline: string;
  /** `2001-06-20`. */
  from: string;
  to: string;
  /** Only what was typed over the pipeline's own. */
  params: Readonly<Record<string, string>>;
  strategy: "shadow_then_canary" | "canary" | "all_at_once";
}

/** The UTC day of a moment as a date input writes it. */
export function dayText(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

const startOf = (day: string): Date => new Date(`${day}T00:00:00Z`);
const isDay = (day: string): boolean => !Number.isNaN(startOf(day).getTime());

/** The event-time range (from, to] of the label's being known. */
export function rangeOf(draft: TrainingDraft): { from: Date; to: Date } {
  return { from: startOf(draft.from), to: startOf(draft.to) };
}

/** The parameters that differ from the pipeline's own, each of the kind that the pipeline's is. */
export function paramsOf(draft: TrainingDraft, own: Readonly<Record<string, ParamValue>>): Record<string, ParamValue> {
  const typed = Object.entries(draft.params).flatMap(([name, text]): [string, ParamValue][] => {
    const preset = own[name];
    if (preset === undefined || text.trim() === String(preset)) return [];
    if (typeof preset === "number") return [[name, Number(text)]];
    if (typeof preset === "boolean") return [[name, text.trim() === "true"]];
    return [[name, text]];
  });
  return Object.fromEntries(typed);
}

/** What to mend, by field; empty when the draft can be asked. */
export function draftProblems(draft: TrainingDraft, own: Readonly<Record<string, ParamValue>>): Record<string, string> {
  const problems: Record<string, string> = {};
  if (!isDay(draft.from)) problems.from = "Enter the first day, such as 2001-02-01.";
  if (!isDay(draft.to)) problems.to = "Enter the last day, such as 2001-02-22.";
  if (isDay(draft.from) && isDay(draft.to) && !(startOf(draft.from) < startOf(draft.to))) {
    problems.to = "Enter a day after the first one.";
  }
  for (const [name, text] of Object.entries(draft.params)) {
    const preset = own[name];
    const trimmed = text.trim();
    if (typeof preset === "number" && (trimmed === "" || !Number.isFinite(Number(trimmed)))) {
      problems[`params.${name}`] = `Enter a number, such as ${preset}.`;
    }
    if (typeof preset === "boolean" && trimmed !== "true" && trimmed !== "false") {
      problems[`params.${name}`] = "Enter true or false.";
    }
  }
  return problems;
}
