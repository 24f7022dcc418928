import { DAY_MS, type Scope } from "@ballast/core";
import type { LogDeps } from "@ballast/datasets/server";
import { type FeatureBinding, modelVersions, type ServingSpec, servableVersion, withTenant } from "@ballast/db";
import { trainingSet } from "@ballast/features/server";
import { scoreOnnx } from "@ballast/training/server";
import { and, eq, inArray } from "drizzle-orm";
import { CONGESTION_PIPELINE } from "./definitions.ts";

const HINDSIGHT_DAYS = 14;

/**
 * Brier score of candidate minus champion on *all* flights whose outcome became known in the 14 days after a decision: what
 * the decision could not know, and the honest judge of it. Null when no such flight was streamed.
 */
export async function hindsightBrierDelta(
  deps: LogDeps,
  scope: Scope,
  decidedAt: number,
  candidateId: string,
  championId: string,
): Promise<number | null> {
  const found = await withTenant(deps.db, scope.teamId, (tx) =>
    tx
      .select()
      .from(modelVersions)
      .where(
        and(
          eq(modelVersions.teamId, scope.teamId),
          eq(modelVersions.projectId, scope.projectId),
          inArray(modelVersions.id, [candidateId, championId]),
        ),
      ),
  );
  const byId = new Map(found.map((version) => [version.id, servableVersion(version)]));
  const [candidate, champion] = [byId.get(candidateId), byId.get(championId)];
  if (!candidate || !champion) return null;
  const features = union(candidate.serving.features, champion.serving.features);
  const to = decidedAt + HINDSIGHT_DAYS * DAY_MS;
  const spec = { ...CONGESTION_PIPELINE.spec, features };
  const set = await trainingSet(deps, scope, { spec, from: decidedAt, to, asOf: to, blockedRanges: [] });
  if (set.rows === 0) return null;
  const brier = async (digest: string, serving: ServingSpec) => {
    const columns = serving.features.map(
      (binding) => set.features[features.findIndex((f) => sameFeature(f, binding))] as Float32Array,
    );
    const scores = await scoreOnnx(await deps.artifacts.get(digest), { rows: set.rows, features: columns }, serving);
    return scores.reduce((sum, p, i) => sum + (p - (set.label[i] as number)) ** 2, 0) / set.rows;
  };
  return (await brier(candidate.digest, candidate.serving)) - (await brier(champion.digest, champion.serving));
}

const sameFeature = (a: FeatureBinding, b: FeatureBinding) => a.view === b.view && a.feature === b.feature;

function union(a: FeatureBinding[], b: FeatureBinding[]): FeatureBinding[] {
  const both = [...a, ...b].filter((binding, i, all) => all.findIndex((other) => sameFeature(other, binding)) === i);
  return both.map(({ view, feature }, i) => ({ input: `f${i}`, view, feature }));
}
