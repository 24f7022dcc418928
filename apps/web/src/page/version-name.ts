/** "v5" for a version's id among those known, its id where it is not. */
export function versionName(versions: readonly { id: string; version: number }[], id: string | null): string {
  if (id === null) return "none";
  const found = versions.find((version) => version.id === id);
  return found ? `v${found.version}` : id;
}
