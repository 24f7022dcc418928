"use client";

import { Sparkline } from "@ballast/ui";
import { useQuery } from "@tanstack/react-query";
import { useProject } from "@/page/use-project";
import { useTRPC } from "@/trpc/client";
import { useInView } from "../compare/use-in-view";
import { loggedNumber } from "../tracking";

/** As many positions as the small line has pixels for. */
const BUCKETS = 38;

/** The shape of a metric beside its numbers. Read when it comes into view. */
export function MetricSparkline({ runId, metric }: { runId: string; metric: string }) {
  const [ref, seen] = useInView<HTMLSpanElement>();
  const trpc = useTRPC();
  const { scope } = useProject();
  const { data } = useQuery(
    trpc.experiment.chart.queryOptions({ ...scope, runIds: [runId], key: metric, buckets: BUCKETS }, { enabled: seen }),
  );
  const values = data?.[0]?.last.map((value) => {
    const number = loggedNumber(value);
    return number !== undefined && Number.isFinite(number) ? number : null;
  });
  return (
    <span ref={ref} className="inline-block h-[20px] w-[76px]">
      {values && values.length > 1 ? <Sparkline values={values} /> : null}
    </span>
  );
}
