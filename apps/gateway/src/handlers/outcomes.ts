import { encodeRecord } from "@ballast/artifacts";
import { AppError } from "@ballast/core";
import type { Call } from "../http/call.ts";
import type { Project } from "../project/project.ts";
import { readEventTime, readObject, refuseField } from "./fields.ts";

interface Outcome {
  id: string;
  rev: number;
  label: number;
  t: number;
}

const MOST_OUTCOMES = 50_000;
/** The log keeps 32 bits of it. */
const MOST_REVISION = 2 ** 31 - 1;

/**
 * `POST /v1/outcomes` with `{outcomes: [{prediction_id, label, revision?, occurred_at?}]}`: what became true of
 * predictions. All are taken or none. A prediction may get many: of equal revisions they are the same outcome, a higher
 * one corrects. 404 lists the ids that no prediction of this project has.
 */
export function outcomes(call: Call, project: Project): void {
  const body = readObject(call.json(), "body");
  const list = body.outcomes;
  if (!Array.isArray(list) || list.length === 0) refuseField("outcomes", "must be an array of at least one outcome");
  if (list.length > MOST_OUTCOMES) refuseField("outcomes", `must hold at most ${MOST_OUTCOMES} outcomes a request`);
  const at = Date.now();
  const read = list.map((outcome: unknown, i) => readOutcome(outcome, `outcomes[${i}]`, at));
  const unknown = [...new Set(read.map((outcome) => outcome.id).filter((id) => !project.ids.isOurs(id)))];
  if (unknown.length > 0) {
    const shown = unknown.slice(0, 100);
    throw new AppError(
      "not_found",
      `${unknown.length} of ${list.length} outcomes are for predictions that were never made: ${shown.slice(0, 3).join(", ")}${unknown.length > 3 ? ", …" : ""}. None was taken.`,
      {
        details: { unknown: shown, count: unknown.length },
      },
    );
  }
  project.journal.append(read.map((outcome) => encodeRecord({ k: "o", ...outcome, at })));
  project.metrics.counter("ballast_outcomes_total", "Outcomes journalled.").add(read.length);
  call.answer({ accepted: read.length });
}

function readOutcome(value: unknown, field: string, at: number): Outcome {
  const { prediction_id: id, label, revision = 0, occurred_at: occurredAt } = readObject(value, field);
  if (typeof id !== "string" || id === "") refuseField(`${field}.prediction_id`, "must be a prediction's id");
  const number = typeof label === "boolean" ? Number(label) : label;
  if (typeof number !== "number" || !Number.isFinite(number))
    refuseField(`${field}.label`, "must be a finite number or a boolean");
  if (typeof revision !== "number" || !Number.isInteger(revision) || revision < 0 || revision > MOST_REVISION) {
    refuseField(`${field}.revision`, `must be an integer from 0 to ${MOST_REVISION}`);
  }
  const t = occurredAt === undefined || occurredAt === null ? at : readEventTime(occurredAt, `${field}.occurred_at`);
  return { id, rev: revision, label: number, t };
}
