/** The question that the list of feature views asks, read from the address. */
export function featuresQuery(params: URLSearchParams) {
  return { search: params.get("q")?.slice(0, 100) || undefined };
}

/** The page of a view's uses that is listed, read from the address. */
export function usesQuery(params: { get(name: string): string | null }) {
  return { before: params.get("before") ?? undefined, limit: 50 };
}
