const LONGEST = 200;

/** Tags or parameters as an audit event tells them: long values, such as notes, by their beginning. */
export function inBrief(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      value.length > LONGEST ? `${value.slice(0, LONGEST).toWellFormed()}…` : value,
    ]),
  );
}
