/** What the surroundings say of where Ballast is and who calls; empty where there is no process to ask. */
export function surroundings(): Record<string, string | undefined> {
  return typeof process === "undefined" ? {} : process.env;
}
