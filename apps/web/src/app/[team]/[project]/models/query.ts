/** The question that the list of models asks, read from the address. */
export function modelsQuery(params: URLSearchParams) {
  return { search: params.get("q")?.slice(0, 100) || undefined, after: params.get("after") ?? undefined };
}
