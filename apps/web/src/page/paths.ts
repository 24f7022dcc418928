/** Where the pages of a project stand, below its base address; those of single records are in `record-paths.ts`. */
export const paths = {
  incident: (base: string, id: string) => `${base}/incidents/${encodeURIComponent(id)}`,
  monitoring: (base: string, deployment: string, cell?: { column: string; day: string }) => {
    const query = new URLSearchParams({ deployment, ...(cell ?? {}) });
    return `${base}/monitoring?${query.toString()}`;
  },
  costs: (base: string) => `${base}/costs`,
  training: (base: string) => `${base}/training`,
  datasets: (base: string) => `${base}/datasets`,
};
