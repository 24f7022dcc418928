import type { Gateway } from "../gateway.ts";
import type { Call } from "../http/call.ts";
import { gauge } from "../metrics.ts";
import type { Project } from "../project/project.ts";

/** `GET /metrics`: the token's project, and the process it is served by. Prometheus text format 0.0.4. */
export function metricsPage(call: Call, project: Project, gateway: Gateway): void {
  const arms = project.plans.flatMap((plan) =>
    (["champion", "candidate"] as const).flatMap((role) => {
      const arm = plan[role];
      return arm
        ? [{ labels: { deployment: plan.snapshot.name, version: String(arm.version.number), role }, arm }]
        : [];
    }),
  );
  const size = project.store.size;
  const delay = gateway.eventLoop.quantile(0.99) / 1000;
  const parts = [
    project.metrics.render(),
    gauge(
      "ballast_queue_rows",
      "Rows waiting for or running in a version.",
      arms.map(({ labels, arm }) => ({
        labels,
        value: arm.queue === arm.largeQueue ? arm.queue.depth : arm.queue.depth + arm.largeQueue.depth,
      })),
    ),
    gauge(
      "ballast_model_run_seconds",
      "Median one-row run of a version when it was loaded.",
      arms.map(({ labels, arm }) => ({
        labels: { ...labels, thread: arm.model.inlineRows > 0 ? "serving" : "pool" },
        value: arm.model.medianMs / 1000,
      })),
    ),
    gauge(
      "ballast_model_stopped",
      "1 while a version is not run because its last run did not end in time and was stopped.",
      arms.map(({ labels, arm }) => ({ labels, value: gateway.pool.isPaused(arm.model.spec) ? 1 : 0 })),
    ),
    gauge(
      "ballast_routing_revision",
      "Routing revision being served.",
      project.plans.map(({ snapshot }) => ({
        labels: { deployment: snapshot.name },
        value: snapshot.routingRevision,
      })),
    ),
    gauge(
      "ballast_route_load_failed",
      "1 where the newest route could not be loaded and the last good one serves.",
      project.plans.map(({ snapshot }) => ({
        labels: { deployment: snapshot.name },
        value: project.problems.has(snapshot.name) ? 1 : 0,
      })),
    ),
    gauge("ballast_journal_records", "Records journalled since the start.", [{ value: project.journal.records }]),
    gauge("ballast_journal_local_segments", "Sealed segment files on this machine.", [
      { value: project.journal.segments.length },
    ]),
    gauge("ballast_journal_failing", "1 while appends to the journal fail.", [
      { value: project.journal.failure === null ? 0 : 1 },
    ]),
    gauge(
      "ballast_watermark_seconds",
      "The project's watermark, event time.",
      project.journal.watermark === null ? [] : [{ value: project.journal.watermark / 1000 }],
    ),
    gauge("ballast_online_feature_rows", "Source rows held for online features.", [{ value: size.rows }]),
    gauge("ballast_online_feature_bytes", "Memory of the online features.", [{ value: size.bytes }]),
    gauge("ballast_shadow_queue_rows", "Rows waiting to be scored by versions that do not answer.", [
      { value: gateway.shadows.depth(project) },
    ]),
    gauge("ballast_segments_unregistered", "Sealed segments the database does not know yet.", [
      { value: gateway.segmentsWaiting },
    ]),
    gauge(
      "ballast_event_loop_delay_p99_seconds",
      "Lateness of the serving thread's timers over the last 10 s, 99th percentile.",
      [{ value: delay }],
    ),
    gauge("process_resident_memory_bytes", "Resident memory.", [{ value: process.memoryUsage.rss() }]),
  ];
  call.text(parts.join(""), "text/plain; version=0.0.4; charset=utf-8");
}
