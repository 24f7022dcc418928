import { randomBytes } from "node:crypto";

/** Every id's prefix, so that an id pasted into a chat says what it is. */
export const ID_PREFIX = {
  user: "usr",
  team: "team",
  project: "prj",
  membership: "mem",
  apiToken: "tok",
  auditEvent: "aud",
  dataset: "ds",
  datasetVersion: "dsv",
  conversion: "cnv",
  featureView: "fv",
  experiment: "exp",
  run: "run",
  registeredModel: "mdl",
  modelVersion: "mv",
  deployment: "dep",
  rollout: "rol",
  decision: "dec",
  monitorWindow: "win",
  incident: "inc",
  pipeline: "pip",
  trainingJob: "trn",
  policy: "pol",
  rateCard: "rate",
  budget: "bud",
  reservation: "res",
  costRecord: "cost",
  trackedDataset: "tds",
  artifactUpload: "upl",
  approval: "apr",
  webhook: "whk",
  webhookDelivery: "whd",
  retentionRule: "ret",
  retentionReport: "rep",
  invitation: "inv",
  serviceAccount: "svc",
  trashItem: "bin",
} as const;
export type IdKind = keyof typeof ID_PREFIX;

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/** A new id: prefix, then 48 bits of time (sortable) and 52 of chance in Crockford base 32. */
export function newId(kind: IdKind, now: number = Date.now()): string {
  let time = now;
  let head = "";
  for (let i = 0; i < 9; i++) {
    head = ALPHABET.charAt(time % 32) + head;
    time = Math.floor(time / 32);
  }
  let tail = "";
  for (const byte of randomBytes(10)) tail += ALPHABET.charAt(byte & 31);
  return `${ID_PREFIX[kind]}_${head}${tail}`;
}

/** True for a string that could have come from {@link newId} with this kind. */
export function isId(kind: IdKind, value: string): boolean {
  return value.startsWith(`${ID_PREFIX[kind]}_`) && /^[a-z]+_[0-9a-z]{19}$/.test(value);
}

/** A new id of a logged model. Clients tell those from runs by their form, so it is MLflow's. */
export function newLoggedModelId(): string {
  return `m-${randomBytes(16).toString("hex")}`;
}

/** True for a string that could have come from {@link newLoggedModelId}. */
export function isLoggedModelId(value: string): boolean {
  return /^m-[0-9a-f]{32}$/.test(value);
}
