/** Where the pages of a project stand, below its base address. */
export const paths = {
  deployment: (base: string, name: string) => `${base}/deployments/${encodeURIComponent(name)}`,
  rollout: (base: string, deployment: string, id: string) =>
    `${base}/deployments/${encodeURIComponent(deployment)}?rollout=${encodeURIComponent(id)}`,
  incident: (base: string, id: string) => `${base}/incidents/${encodeURIComponent(id)}`,
  monitoring: (base: string, deployment: string, cell?: { column: string; day: string }) => {
    const query = new URLSearchParams({ deployment, ...(cell ?? {}) });
    return `${base}/monitoring?${query.toString()}`;
  },
  costs: (base: string) => `${base}/costs`,
  training: (base: string) => `${base}/training`,
  datasets: (base: string) => `${base}/datasets`,
  models: (base: string) => `${base}/models`,
};
