const TABS = ["jobs", "pipelines", "policies"] as const;
export type TrainingTab = (typeof TABS)[number];
export const JOB_STATES = ["queued", "running", "succeeded", "failed", "refused"] as const;

/** Which part of the page is open; jobs unless the address says otherwise. */
export function tabOf(params: URLSearchParams): TrainingTab {
  return TABS.find((tab) => tab === params.get("tab")) ?? "jobs";
}

/** The question that the list of jobs asks, read from the address. */
export function jobsQuery(params: URLSearchParams) {
  const state = JOB_STATES.find((one) => one === params.get("state"));
  return { states: state ? [state] : undefined, before: params.get("before") ?? undefined, limit: 50 };
}
