/** What a person can do about it, with where. */
export interface Remedy {
  label: string;
  kind:
    | "accept_conversion"
    | "open_incident"
    | "look_at_column"
    | "look_at_performance"
    | "mend_request_ids"
    | "wait"
    | "start_stream";
  incidentId?: string;
  column?: string;
}

/** Is it healthy, why not, what do I do: the first lines of the monitoring page. */
export interface Verdict {
  state: "healthy" | "attention" | "broken" | "waiting";
  headline: string;
  reasons: string[];
  remedies: Remedy[];
}

export interface VerdictInput {
  deployment: string;
  incidents: { id: string; title: string; hasProposal: boolean }[];
  /** Newest processed window; null before the first. */
  window: {
    day: string;
    predictions: number;
    /** Further answers to a request id and row that had one: they are no predictions of their own. */
    duplicates: number;
    errors: number;
    rowsChecked: number;
    mismatches: number;
    /** Rows that a verdict on drift needs, where no column had as many. */
    tooFewFor: number | null;
  } | null;
  /** Closed windows that are not processed yet, and the most attempts any of them took. */
  backlog: { windows: number; attempts: number };
  /** Drifted columns of the newest window, worst first, with value ÷ limit. */
  drifted: { column: string; ratio: number; days: number }[];
  /** The champion over its newest matured days; null before the first. */
  champion: { days: number; n: number; gap: number; brierSkill: number } | null;
}

/** A share of failed requests above this breaks the verdict. */
const ERROR_SHARE = 0.01;
/** A mean prediction this far from what happened is worth a look. */
const CALIBRATION_GAP = 0.05;
/**
 * Callers retry a few requests after a fault. A larger share of answers that repeat an id, and no mere handful, looks like an id that is
 * given to different requests, of which all but the last are lost to every figure.
 */
const REPEATED_SHARE = 0.01;
const REPEATED_LEAST = 5;
/** Attempts after which a window counts as stuck. */
const STUCK_ATTEMPTS = 3;

/**
 * The monitoring verdict of a deployment. Broken: an open incident, served rows that cannot be reproduced, failing requests, or a
 * window that cannot be processed. Attention: request ids that repeat, drift over its limit, a calibration gap over 5 points, no skill over
 * the base rate.
 */
export function monitoringVerdict(input: VerdictInput): Verdict {
  if (input.window === null && input.incidents.length === 0) return waiting(input);
  const broken = brokenReasons(input);
  const attention = attentionReasons(input);
  const reasons = [...broken, ...attention];
  const remedies = remediesOf(input);
  if (broken.length > 0)
    return { state: "broken", headline: headlineOf(input, "needs you", broken), reasons, remedies };
  if (attention.length > 0) {
    return { state: "attention", headline: headlineOf(input, "is worth a look", attention), reasons, remedies };
  }
  return {
    state: "healthy",
    headline:
      input.window?.predictions === 0 ? `${input.deployment} is ready; nobody asks` : `${input.deployment} is healthy`,
    reasons: [healthyReason(input)],
    remedies: [],
  };
}

function waiting({ deployment, backlog }: VerdictInput): Verdict {
  const headline = `${deployment} has not been watched yet`;
  if (backlog.windows > 0) {
    const reasons = [
      `${count(backlog.windows, "closed day")} ${backlog.windows === 1 ? "is" : "are"} being processed.`,
    ];
    return { state: "waiting", headline, reasons, remedies: [{ label: "Wait for the first day", kind: "wait" }] };
  }
  const reasons = ["A day is looked at when the stream's watermark has passed its end."];
  return {
    state: "waiting",
    headline,
    reasons,
    remedies: [{ label: "Send predictions and a watermark", kind: "start_stream" }],
  };
}

function brokenReasons({ incidents, window, backlog }: VerdictInput): string[] {
  const reasons = incidents.map((incident) => `${incident.title}.`);
  if (window && window.mismatches > 0) {
    reasons.push(
      `${count(window.mismatches, "served row")} of ${number(window.rowsChecked)} on ${window.day} differ when computed again.`,
    );
  }
  if (window && window.errors > ERROR_SHARE * (window.predictions + window.errors)) {
    reasons.push(
      `${count(window.errors, "request")} of ${number(window.predictions + window.errors)} failed on ${window.day}.`,
    );
  }
  if (backlog.attempts >= STUCK_ATTEMPTS)
    reasons.push(`A closed day could not be processed in ${backlog.attempts} attempts; the worker's log says why.`);
  return reasons;
}

/** True where so many answers repeat a request id that they can hardly all be retries. */
const reusesIds = ({ window }: VerdictInput): boolean =>
  window !== null &&
  window.duplicates >= REPEATED_LEAST &&
  window.duplicates > REPEATED_SHARE * (window.predictions + window.duplicates);

function attentionReasons(input: VerdictInput): string[] {
  const { window, drifted, champion } = input;
  const reasons: string[] = [];
  if (window && reusesIds(input)) {
    reasons.push(
      `${number(window.duplicates)} of ${number(window.predictions + window.duplicates)} answers on ${window.day} reused a request id: of one id and row only the last counts.`,
    );
  }
  for (const { column, ratio, days } of drifted.slice(0, 3)) {
    const since = days > 1 ? `, ${number(days)} days in a row` : "";
    reasons.push(`${column} has drifted: ${ratio.toFixed(1)} × its limit${since}.`);
  }
  if (drifted.length > 3) reasons.push(`${number(drifted.length - 3)} more columns have drifted.`);
  if (champion && Math.abs(champion.gap) > CALIBRATION_GAP) {
    const side = champion.gap > 0 ? "more" : "less";
    reasons.push(
      `Over ${count(champion.days, "day")} the outcome came ${(100 * Math.abs(champion.gap)).toFixed(1)} points ${side} often than predicted (n ${number(champion.n)}).`,
    );
  }
  if (champion && champion.brierSkill < 0) {
    reasons.push(
      `The base rate alone would have predicted better over ${count(champion.days, "day")} (Brier skill ${champion.brierSkill.toFixed(3)}).`,
    );
  }
  return reasons;
}

function healthyReason({ window, champion }: VerdictInput): string {
  if (window?.predictions === 0) return `No prediction was asked for on ${window.day}; nothing else is wrong.`;
  const seen = window
    ? `${count(window.predictions, "prediction")} on ${window.day}, ${driftWords(window)}`
    : "No day yet";
  if (!champion) return `${seen}; no labels have matured yet.`;
  return `${seen}; predicted and realised rates differ by ${(100 * Math.abs(champion.gap)).toFixed(1)} points over ${count(champion.days, "day")}.`;
}

const driftWords = ({ tooFewFor }: NonNullable<VerdictInput["window"]>) =>
  tooFewFor === null
    ? "no column over its limit"
    : `too few for a verdict on drift, which needs ${number(tooFewFor)} rows of a column`;

function remediesOf(input: VerdictInput): Remedy[] {
  const { incidents, drifted, champion, window, backlog } = input;
  const remedies: Remedy[] = incidents.map(({ id, hasProposal }) =>
    hasProposal
      ? { label: "Accept the proposed conversion", kind: "accept_conversion", incidentId: id }
      : { label: "Open the incident", kind: "open_incident", incidentId: id },
  );
  if (reusesIds(input)) remedies.push({ label: "Give every request an id of its own", kind: "mend_request_ids" });
  const worst = drifted[0];
  if (worst)
    remedies.push({
      label: `Compare ${worst.column} with its reference`,
      kind: "look_at_column",
      column: worst.column,
    });
  if (champion && (Math.abs(champion.gap) > CALIBRATION_GAP || champion.brierSkill < 0))
    remedies.push({ label: "See performance over time", kind: "look_at_performance" });
  if (remedies.length === 0 && (backlog.windows > 0 || window === null))
    remedies.push({ label: "Wait for the next day", kind: "wait" });
  return remedies;
}

function headlineOf({ deployment }: VerdictInput, what: string, reasons: readonly string[]): string {
  return `${deployment} ${what}: ${count(reasons.length, "thing")}`;
}

const number = (value: number) => value.toLocaleString("en-US");
const count = (value: number, noun: string) => `${number(value)} ${noun}${value === 1 ? "" : "s"}`;
