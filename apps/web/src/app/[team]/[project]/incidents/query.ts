export const STATES = ["open", "resolved", "dismissed"] as const;

/** What the list asks for, from the URL. */
export function incidentsQuery(params: { get(name: string): string | null }) {
  return {
    state: STATES.find((state) => state === params.get("state")),
    before: params.get("before") ?? undefined,
    limit: 30,
  };
}
