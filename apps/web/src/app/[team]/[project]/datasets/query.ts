/** The question that the list of datasets asks, read from the address. */
export function datasetsQuery(params: URLSearchParams) {
  return { search: params.get("q")?.slice(0, 100) || undefined, before: params.get("before") ?? undefined };
}
