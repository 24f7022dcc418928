import { createLogger } from "@ballast/core";
import type { TrailingShareView } from "@ballast/db";
import type { OnlineFeatureStore, SourceColumns } from "@ballast/features";
import type { ProjectSnapshot } from "../sync/snapshot.ts";
import { versionedViews } from "./deployment-plan.ts";

const log = createLogger("gateway");

/** The views that are fed by pushed rows. */
export function trailingViews(snapshot: ProjectSnapshot): TrailingShareView[] {
  return versionedViews(snapshot.views).filter((view) => view.kind === "trailing_share");
}

/** Rows journalled before a view existed need not fit it: those that do not are left out, as they are offline. */
export function pushLeniently(store: OnlineFeatureStore, source: string, cols: SourceColumns): void {
  const left = store.pushFitting(source, cols);
  if (left > 0) log.warn("journalled rows do not fit the views that read them", { source, left });
}

/** Latest moment at which one of the rows was known; null where no view tells. */
export function knownUntil(snapshot: ProjectSnapshot, source: string, cols: SourceColumns): number | null {
  let latest: number | null = null;
  for (const { definition } of snapshot.views) {
    if (definition.kind !== "trailing_share" || definition.source !== source) continue;
    for (const value of cols[definition.knownAt] ?? []) {
      if (typeof value === "number" && (latest === null || value > latest)) latest = value;
    }
  }
  return latest;
}
