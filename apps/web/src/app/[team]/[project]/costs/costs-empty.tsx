import { EmptyState } from "@ballast/ui";

export function CostsEmpty() {
  return (
    <EmptyState
      title="Nothing is metered yet"
      explanation="Every training and every prediction is charged by its work at the rates below. A hard budget admits a job only if its worst case fits; serving is never cut."
      steps={[]}
      waiting="The first charge appears here by itself. A budget can be set before it."
    />
  );
}
