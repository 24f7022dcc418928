/** The question that the list of feature views asks, read from the address. */
export function featuresQuery(params: URLSearchParams) {
  return { search: params.get("q")?.slice(0, 100) || undefined };
}
