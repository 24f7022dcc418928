import type { Outputs } from "@/page/outputs";

type Spec = Outputs["training"]["policies"][number]["spec"];

/** A policy's rule as one sentence, with its numbers and their units. */
export function policyWords({ days, limit, cooldownDays, trainDays }: Spec): string {
  return (
    `When mean outcome and mean prediction differ by more than ${limit} over ${days} matured days, ask for a version trained on the last ` +
    `${trainDays} days; after that, not again for ${cooldownDays} days of event time.`
  );
}
