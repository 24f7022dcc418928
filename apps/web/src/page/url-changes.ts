/** Parameters by name; null takes one out, a list writes it once per value. */
export type UrlChanges = Readonly<Record<string, string | readonly string[] | null>>;

/** The address with some parameters changed; the others keep their place. */
export function withChanges(pathname: string, params: { toString(): string }, changes: UrlChanges): string {
  const next = new URLSearchParams(params.toString());
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") next.delete(name);
    else if (typeof value === "string") next.set(name, value);
    else {
      next.delete(name);
      for (const one of value) next.append(name, one);
    }
  }
  const query = next.toString();
  return query === "" ? pathname : `${pathname}?${query}`;
}
