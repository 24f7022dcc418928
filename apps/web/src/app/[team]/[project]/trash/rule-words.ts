import { formatCount } from "@ballast/ui";
import type { Outputs } from "@/page/outputs";

export type RuleSpec = Outputs["trash"]["rules"][number]["spec"];

const days = (n: number) => (n === 1 ? "1 day" : `${formatCount(n)} days`);

/** A retention rule as a sentence. */
export function ruleWords(spec: RuleSpec, experimentName: (id: string) => string): string {
  const where =
    "experimentId" in spec && spec.experimentId !== null ? ` of experiment ${experimentName(spec.experimentId)}` : "";
  switch (spec.kind) {
    case "trash":
      return `What is in the trash is deleted for good after ${days(spec.keepDays)}.`;
    case "runs":
      return `Runs${where} go to the trash ${days(spec.keepDays)} after their end, unless a registered version came from them${spec.keepTag ? ` or they carry the tag ${spec.keepTag}` : ""}.`;
    case "metric_history":
      return `Metric histories${where} are thinned to about ${formatCount(spec.points)} points ${days(spec.keepDays)} after the run's end; extremes stay.`;
    case "deliveries":
      return `Webhook deliveries are forgotten after ${days(spec.keepDays)}.`;
  }
}
