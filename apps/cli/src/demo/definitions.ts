/** What the demo's team declares before anything runs: features, the pipelines, the policy, the budget. */
const HOUR_MS = 3_600_000;

export const DEPLOYMENT = "flight-late";
export const DATASET = "flights";

export const FLIGHT_VIEW = {
  kind: "request" as const,
  name: "flight",
  description: "What the schedule says of a flight: local hour and weekday of departure, distance.",
  features: [
    { name: "hour", expression: { op: "hour_of_day" as const, column: "departure_local" }, unit: null },
    { name: "weekday", expression: { op: "day_of_week" as const, column: "departure_local" }, unit: null },
    { name: "distance", expression: { op: "column" as const, column: "distance" }, unit: "mile" },
  ],
};

const congestion = (key: string, hours: number) => ({ name: `${key}_late_${hours}h`, key, windowMs: hours * HOUR_MS });

export const CONGESTION_VIEW = {
  kind: "trailing_share" as const,
  name: "airport_congestion",
  description:
    "Share of late flights at the origin and at the destination over the last 3 and 24 hours, as known by then.",
  source: DATASET,
  knownAt: "known_at",
  requestTime: "departure_utc",
  of: "late",
  features: [
    congestion("origin", 3),
    congestion("origin", 24),
    congestion("destination", 3),
    congestion("destination", 24),
  ],
  onMissing: "null" as const,
};

const flightBindings = FLIGHT_VIEW.features.map((f) => ({ input: f.name, view: FLIGHT_VIEW.name, feature: f.name }));
const congestionBindings = CONGESTION_VIEW.features.map((f) => ({
  input: f.name,
  view: CONGESTION_VIEW.name,
  feature: f.name,
}));

const PIPELINE = {
  modelName: DEPLOYMENT,
  deploymentName: DEPLOYMENT,
  task: "binary" as const,
  dataset: DATASET,
  source: DATASET,
  label: "late",
  rowTime: "departure_utc",
  knownAt: "known_at",
  trainer: "gbdt",
  params: { maxTrees: 60, learningRate: 0.15 },
  validationShare: 0.1,
  testShare: 0.1,
};
export const BASIC_PIPELINE = { name: "flight-basic", spec: { ...PIPELINE, features: flightBindings } };
export const CONGESTION_PIPELINE = {
  name: "flight-congestion",
  spec: { ...PIPELINE, features: [...flightBindings, ...congestionBindings] },
};

/** For a model that does not know the weather: two weeks of doubt, then ask. */
export const BASIC_POLICY = { kind: "calibration" as const, days: 14, limit: 0.05, cooldownDays: 21, trainDays: 21 };
/** For one that adapts by itself the limit is closer, and a retrain needs a longer history to be worth it. */
export const CONGESTION_POLICY = {
  kind: "calibration" as const,
  days: 3,
  limit: 0.015,
  cooldownDays: 28,
  trainDays: 42,
};

/** The serving mapping with origin and destination exchanged: every name exists, every type fits, every number is wrong. */
export function swapOriginAndDestination<T extends { feature: string }>(bindings: T[]): T[] {
  const swapped = (feature: string) =>
    feature.startsWith("origin_")
      ? feature.replace("origin_", "destination_")
      : feature.replace("destination_", "origin_");
  return bindings.map((binding) => ({ ...binding, feature: swapped(binding.feature) }));
}
