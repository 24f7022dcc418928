/**
 * Domain events: past tense, CloudEvents-shaped, written in the same transaction as the change they tell of.
 * The catalogue is closed, so that a handler cannot listen for a name nobody speaks.
 */
export const DOMAIN_EVENTS = [
  "dataset_version.created",
  "dataset_version.accepted",
  "dataset_version.refused",
  "feature_view.defined",
  "window.closed",
  "window.processed",
  "drift.detected",
  "calibration.breached",
  "incident.opened",
  "incident.closed",
  "conversion.accepted",
  "training.requested",
  "training.refused",
  "training.succeeded",
  "training.failed",
  "registered_model.created",
  "registered_model.deleted",
  "registered_model.restored",
  "model_version.registered",
  "model_version.deleted",
  "model_version.restored",
  "model_version.staged",
  "model_version.tagged",
  "model_version.untagged",
  "gates.passed",
  "gates.failed",
  "alias.moved",
  "alias.dropped",
  "model.approval_requested",
  "model.approval_decided",
  "approval_rule.changed",
  "run.ended",
  "rollout.started",
  "rollout.advanced",
  "rollout.held",
  "rollout.promoted",
  "rollout.refused",
  "rollout.rolled_back",
  "budget.reserved",
  "budget.refused",
] as const;
export type DomainEventName = (typeof DOMAIN_EVENTS)[number];

export interface DomainEvent {
  /** Unique; grows as events are written, which is not quite the order in which their transactions commit and they are seen. */
  id: number;
  name: DomainEventName;
  /** Id of the thing it happened to. */
  subject: string;
  /** One line a person can read, with the numbers. */
  summary: string;
  data: Record<string, unknown>;
  /** Event time (the data's clock), if the event belongs to one. */
  eventTime: Date | null;
  at: Date;
}
