import type { FeatureBinding, FeatureViewDefinition, VersionLineage } from "@ballast/db";

/** One version of a feature view. */
export interface ViewVersion {
  name: string;
  version: number;
  definition: FeatureViewDefinition;
}

/** Every definition under a name of its own, `name@version`: versions that were trained with an older one still read it. */
export function versionedViews(views: readonly ViewVersion[]): FeatureViewDefinition[] {
  return views.map((view) => ({ ...view.definition, name: versionedName(view) }));
}

/** What {@link versionedViews} calls a version of a view. */
export const versionedName = ({ name, version }: Pick<ViewVersion, "name" | "version">) => `${name}@${version}`;

/** Version of each feature view that a model was trained with, by name. */
export function pinnedViews({ featureViews }: Pick<VersionLineage, "featureViews">): Record<string, number> {
  return Object.fromEntries(featureViews.map(({ name, version }) => [name, version]));
}

/**
 * Bindings to the definitions that {@link versionedViews} gives: of the version a model was trained with, by view name,
 * or the newest where its lineage names none. A view that does not exist stays as it is, to be named in the error.
 */
export function pinBindings(
  bindings: readonly FeatureBinding[],
  pinned: Readonly<Record<string, number>>,
  views: readonly ViewVersion[],
): FeatureBinding[] {
  const newest = new Map<string, number>();
  for (const { name, version } of views) newest.set(name, Math.max(version, newest.get(name) ?? version));
  return bindings.map((binding) => {
    const number = pinned[binding.view] ?? newest.get(binding.view);
    return number === undefined
      ? binding
      : { ...binding, view: versionedName({ name: binding.view, version: number }) };
  });
}
