import { EmptyState } from "@ballast/ui";
import { type CommandPlace, callCommand } from "@/page/commands";

export function CostsEmpty({ place, currency }: { place: CommandPlace; currency: string }) {
  return (
    <EmptyState
      title="Nothing is metered yet"
      explanation="Every training and every prediction is charged by its work at the rates below. A hard budget admits a job only if its worst case fits; serving is never cut."
      steps={[
        {
          title: "Set a budget above, or from a program",
          code: callCommand(place, "finops.setBudget", {
            budget: { name: "project", currency, hard: true, limitMicros: 40_000_000 },
          }),
          help: `Amounts are millionths of a unit: this is 40 ${currency}.`,
        },
      ]}
      waiting="The first charge appears here by itself."
    />
  );
}
