import type { Outputs } from "./outputs.ts";

type VersionRow = Outputs["model"]["get"]["versions"][number];

/** A model version with the name of its model. */
export interface NamedVersion {
  model: string;
  row: VersionRow;
}

/** Versions whose inputs are fed by a feature view, by the view's version where the lineage names it. */
export function usersOfView(
  versions: readonly NamedVersion[],
  view: string,
): (NamedVersion & { viewVersion: number | null; features: string[] })[] {
  return versions.flatMap(({ model, row }) => {
    const features = (row.serving?.features ?? [])
      .filter((binding) => binding.view === view)
      .map((binding) => binding.feature);
    const named = row.lineage.featureViews.find((one) => one.name === view);
    return features.length === 0 && !named ? [] : [{ model, row, features, viewVersion: named?.version ?? null }];
  });
}
