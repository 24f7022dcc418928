import type { DomainEventName } from "@ballast/core";
import type { Tone } from "@ballast/ui";

export type Activity = "Integrate" | "Deliver" | "Monitor" | "Train";

const look: Readonly<Record<DomainEventName, readonly [Activity, Tone]>> = {
  "dataset_version.created": ["Integrate", "info"],
  "dataset_version.accepted": ["Integrate", "healthy"],
  "dataset_version.refused": ["Integrate", "breach"],
  "feature_view.defined": ["Integrate", "info"],
  "conversion.accepted": ["Integrate", "healthy"],
  "model_version.registered": ["Integrate", "info"],
  "model_version.untagged": ["Integrate", "idle"],
  "model_version.tagged": ["Integrate", "idle"],
  "model_version.staged": ["Deliver", "info"],
  "model_version.restored": ["Integrate", "info"],
  "model_version.deleted": ["Integrate", "idle"],
  "registered_model.restored": ["Integrate", "info"],
  "registered_model.deleted": ["Integrate", "idle"],
  "registered_model.created": ["Integrate", "info"],
  "gates.passed": ["Integrate", "healthy"],
  "gates.failed": ["Integrate", "breach"],
  "alias.moved": ["Deliver", "info"],
  "approval_rule.changed": ["Deliver", "info"],
  "model.approval_decided": ["Deliver", "info"],
  "model.approval_requested": ["Deliver", "warning"],
  "alias.dropped": ["Deliver", "info"],
  "rollout.started": ["Deliver", "info"],
  "rollout.advanced": ["Deliver", "healthy"],
  "rollout.held": ["Deliver", "running"],
  "rollout.promoted": ["Deliver", "healthy"],
  "rollout.refused": ["Deliver", "warning"],
  "rollout.rolled_back": ["Deliver", "breach"],
  "window.closed": ["Monitor", "idle"],
  "window.processed": ["Monitor", "healthy"],
  "drift.detected": ["Monitor", "warning"],
  "calibration.breached": ["Monitor", "breach"],
  "incident.opened": ["Monitor", "breach"],
  "incident.closed": ["Monitor", "healthy"],
  "run.ended": ["Train", "info"],
  "training.requested": ["Train", "info"],
  "training.refused": ["Train", "warning"],
  "training.succeeded": ["Train", "healthy"],
  "training.failed": ["Train", "breach"],
  "budget.reserved": ["Train", "info"],
  "budget.refused": ["Train", "warning"],
};

/** The activity of the loop that an event belongs to, and the state it tells of. */
export function eventLook(name: DomainEventName): { activity: Activity; tone: Tone } {
  const [activity, tone] = look[name];
  return { activity, tone };
}
