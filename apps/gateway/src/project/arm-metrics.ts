import type { Counter, Histogram, MetricSet } from "../metrics.ts";

/** What is counted for a version in a role of a deployment. Series are found once and kept: the hot path only adds. */
export interface ArmMetrics {
  /** By HTTP status. */
  requests(status: number): Counter;
  ok: Counter;
  rows: Counter;
  latency: Histogram;
  shadowScored: Counter;
  shadowDropped: Counter;
  shadowFailed: Counter;
}

export function armMetrics(set: MetricSet, deployment: string, version: number, role: string): ArmMetrics {
  const labels = { deployment, version: String(version), role };
  const byStatus = new Map<number, Counter>();
  const requests = (status: number) => {
    let counter = byStatus.get(status);
    if (!counter) {
      counter = set.counter("ballast_requests_total", "Infer requests by HTTP status.", {
        ...labels,
        status: String(status),
      });
      byStatus.set(status, counter);
    }
    return counter;
  };
  const shadow = (result: string) =>
    set.counter("ballast_shadow_rows_total", "Rows for versions that did not answer, by what became of them.", {
      deployment,
      version: String(version),
      result,
    });
  return {
    requests,
    ok: requests(200),
    rows: set.counter("ballast_predictions_total", "Rows answered and journalled.", labels),
    latency: set.histogram(
      "ballast_request_duration_seconds",
      "Time in the gateway until the answer was journalled.",
      labels,
    ),
    shadowScored: shadow("scored"),
    shadowDropped: shadow("dropped"),
    shadowFailed: shadow("failed"),
  };
}
