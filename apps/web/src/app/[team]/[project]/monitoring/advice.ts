import type { Watched } from "./monitoring-data";

export type Remedy = Watched["verdict"]["remedies"][number];

/** What to do about a verdict, by its remedy. */
export const advice: Readonly<Record<Remedy["kind"], string>> = {
  accept_conversion:
    "Accept the conversion: rows are turned back at ingestion from its first moment on; stored rows stay as they came.",
  open_incident: "Look at the incident and decide.",
  look_at_column:
    "Compare the column with its reference. Drift alone breaks nothing: a policy asks for training when predictions and outcomes part.",
  look_at_performance: "See how performance went. A policy asks for training when the gap stays over its limit.",
  mend_request_ids:
    "Let the caller give every request an id of its own, or none: answers to one id and row count once, as those to a retry.",
  wait: "Nothing. The next day is looked at by itself.",
  start_stream: "Send predictions, then a watermark.",
};
