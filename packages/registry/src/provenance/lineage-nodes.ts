/** What a lineage can stand at. */
export const LINEAGE_KINDS = [
  "dataset_version",
  "tracked_dataset",
  "stream",
  "feature_view",
  "run",
  "logged_model",
  "model_version",
  "deployment",
  "predictions",
  "cost",
] as const;
export type LineageKind = (typeof LINEAGE_KINDS)[number];

/** A thing of the project by kind and id. */
export interface LineageRef {
  kind: LineageKind;
  id: string;
}
/** A node of the graph: `label` names it, `detail` is one more line (a row count, a state, a share of traffic, a sum). */
export interface LineageStop extends LineageRef {
  label: string;
  detail: string | null;
  /** Where its page is, if not by id: a model's name and version number, a dataset's name. */
  name: string | null;
  number: number | null;
}
export interface LineageArrow {
  from: string;
  to: string;
}

/** `from` leads to `to`: ids of nodes, unique across kinds by their prefixes. */
export const keyOf = ({ kind, id }: LineageRef) => `${kind}:${id}`;

/**
 * Walks from a node along arrows that `next` finds for a whole layer at a time, breadth first, until nothing new is found, `depth`
 * layers are walked or `limit` nodes are known. Pure but for `next`. `truncated` says that the limit ended it.
 */
export async function walk(
  start: LineageRef,
  next: (layer: LineageRef[]) => Promise<{ at: LineageRef; found: LineageRef }[]>,
  bounds: { depth: number; limit: number },
): Promise<{ refs: LineageRef[]; steps: { at: LineageRef; found: LineageRef }[]; truncated: boolean }> {
  const known = new Map([[keyOf(start), start]]);
  const steps = new Map<string, { at: LineageRef; found: LineageRef }>();
  let layer = [start];
  for (let depth = 0; depth < bounds.depth && layer.length > 0; depth++) {
    const fresh: LineageRef[] = [];
    for (const step of await next(layer)) {
      const key = keyOf(step.found);
      if (!known.has(key)) {
        if (known.size >= bounds.limit)
          return { refs: [...known.values()], steps: [...steps.values()], truncated: true };
        known.set(key, step.found);
        fresh.push(step.found);
      }
      steps.set(`${keyOf(step.at)} ${key}`, step);
    }
    layer = fresh;
  }
  return { refs: [...known.values()], steps: [...steps.values()], truncated: false };
}
