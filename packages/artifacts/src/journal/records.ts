/**
 * What the journal holds; `t` is event time and `at` arrival, both epoch milliseconds. Short keys because a record is
 * written for every prediction. A payload is the record as UTF-8 JSON with `k` first, so that a reader can tell the kind
 * from the first bytes without parsing.
 */
export type RequestValue = string | number | boolean;
export type SourceValue = string | number | boolean | null;

/** A row that was answered. The rows of a request follow one another: they are journalled in one append. */
export interface PredictionRecord {
  k: "p";
  /** Prediction id. */
  id: string;
  /** Request id as given by the caller; null when none was. */
  rid: string | null;
  /** Row within the request, from 0. */
  row: number;
  t: number;
  at: number;
  /** Deployment id. */
  dep: string;
  /** Model version id. */
  v: string;
  role: "champion" | "candidate";
  /** Conversion revision in force, 0 for none. */
  conv: number;
  /** Routing revision that chose the version; null where the caller named it. */
  rt: number | null;
  /** Request columns as received; empty where the caller sent the model's own tensor. */
  req: Record<string, RequestValue>;
  /** Served features: float32 as numbers, null for missing. */
  f: (number | null)[];
  y: number;
  /** Time in the gateway until it was journalled, microseconds. */
  us: number;
}

/** The same row scored by a version that did not answer. */
export interface ShadowRecord {
  k: "s";
  id: string;
  t: number;
  dep: string;
  v: string;
  y: number;
}

/** A request that failed after a version was chosen for it. */
export interface ErrorRecord {
  k: "e";
  dep: string;
  v: string;
  role: "champion" | "candidate";
  t: number;
  at: number;
  /** An `ErrorCode` of `@ballast/core`. */
  code: string;
  us: number;
  rid: string | null;
  /** As a prediction's. */
  rt: number | null;
}

export interface OutcomeRecord {
  k: "o";
  /** Prediction id. */
  id: string;
  rev: number;
  label: number;
  /** When it happened. */
  t: number;
  at: number;
}

/** Rows pushed to a feature source. */
export interface SourceRowsRecord {
  k: "f";
  /** Idempotency key. */
  push: string;
  source: string;
  n: number;
  cols: Record<string, SourceValue[]>;
  at: number;
}

/** Up to `t` the project's stream is complete. */
export interface WatermarkRecord {
  k: "w";
  t: number;
  at: number;
  /** Said by the gateway's own clock for a live stream; without it, by a sender. */
  by?: "clock";
}

export type JournalRecord =
  | PredictionRecord
  | ShadowRecord
  | ErrorRecord
  | OutcomeRecord
  | SourceRowsRecord
  | WatermarkRecord;
export type RecordKind = JournalRecord["k"];

/** The payload of a record. The kind comes first whatever the order of the object's keys. */
export function encodeRecord(record: JournalRecord): string {
  const { k, ...rest } = record;
  const body = JSON.stringify(rest);
  return `{"k":"${k}",${body.slice(1)}`;
}

/** The kind of an encoded record, from its first bytes: `{"k":"p"`. */
export function recordKind(payload: Buffer): RecordKind {
  return String.fromCharCode(payload[6] ?? 0) as RecordKind;
}

/** The record of a payload whose frame was whole. */
export function decodeRecord(payload: Buffer): JournalRecord {
  return JSON.parse(payload.toString("utf8")) as JournalRecord;
}
