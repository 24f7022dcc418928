/** The question that the audit log asks, read from the address. */
export function auditQuery(params: URLSearchParams) {
  return { search: params.get("q")?.slice(0, 100) || undefined, before: params.get("before") ?? undefined, limit: 50 };
}
