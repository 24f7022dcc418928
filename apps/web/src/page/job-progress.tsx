import { formatCount, LoadLine, Status } from "@ballast/ui";
import type { Outputs } from "./outputs.ts";
import { toneOf } from "./states.tsx";

type Job = Pick<Outputs["training"]["job"], "state" | "progress">;

const stepWords: Readonly<Record<string, string>> = {
  rows: "reading rows",
  train: "training",
  register: "measuring and registering",
};

/** "training, 42 of 100 rounds": how far a running job is. */
function progressWords({ state, progress }: Job): string {
  if (state !== "running" || !progress) return state;
  const words = stepWords[progress.step] ?? progress.step;
  return progress.total > 1 ? `${words}, ${formatCount(progress.done)} of ${formatCount(progress.total)}` : words;
}

/** A job's state, with its progress while it runs. */
export function JobStatus({ job }: { job: Job }) {
  const words = progressWords(job);
  return (
    <span className="inline-grid min-w-[140px] gap-1">
      <Status tone={toneOf(job.state)}>{words}</Status>
      {job.state === "running" && job.progress && job.progress.total > 1 ? (
        <LoadLine value={job.progress.done} limit={job.progress.total} label={words} />
      ) : null}
    </span>
  );
}

/** How often a list with unfinished jobs is read again: progress makes no event. */
export const WATCH_JOBS_MS = 2_000;

/** True while a job can still change by itself. */
export const isOpen = ({ state }: Pick<Job, "state">): boolean => state === "queued" || state === "running";
