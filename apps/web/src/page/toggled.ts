/** The set with one entry put in, or taken out where it was in. */
export function toggled<Entry>(set: Iterable<Entry>, entry: Entry): Set<Entry> {
  const next = new Set(set);
  if (!next.delete(entry)) next.add(entry);
  return next;
}
