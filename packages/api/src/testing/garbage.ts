/** Values that a field of a request might hold by malice or mistake, and every way to put one into a right request. */
const LONG = "x".repeat(20_000);

const GARBAGE: readonly unknown[] = [
  ...[null, true, [], {}, [null], { length: -1 }],
  ...["", "\u0000", "a\u0000b", "\ud800", LONG, "%_\\'\"; drop table users; --", "../../etc/passwd", "__proto__"],
  ...["0000-01-01", "0000-01-01T00:00:00Z", "9999-12-31", "9999-12-31T23:59:59.999Z", "metric:'", "NaN", "1e999"],
  ...[-1, 0.5, 2 ** 31, Number.MAX_SAFE_INTEGER, 1e308, Number.NaN, Number.POSITIVE_INFINITY, 10n],
  ...[new Date(8.64e15), new Date(-8.64e15), new Date(Number.NaN), new Date("0000-01-01T00:00:00Z"), new Map([[1, 2]])],
  ...[["\u0000"], { "\u0000": "x" }, { x: "\u0000" }, JSON.parse('{"__proto__":{"admin":true}}')],
];

/** The input with each of its fields, at every depth, replaced by each garbage value in turn. */
export function* spoiled(input: Record<string, unknown>): Generator<Record<string, unknown>> {
  yield {};
  for (const field of ["unknown", "__proto__"]) yield { ...input, [field]: GARBAGE };
  for (const [key, value] of Object.entries(input)) {
    for (const garbage of GARBAGE) yield { ...input, [key]: garbage };
    for (const inner of spoiledInside(value)) yield { ...input, [key]: inner };
  }
}

function* spoiledInside(value: unknown): Generator<unknown> {
  if (Array.isArray(value)) {
    const [first, ...rest] = value;
    for (const inner of spoiledInside(first)) yield [inner, ...rest];
  } else if (typeof value === "object" && value !== null && !(value instanceof Date)) {
    yield* spoiled(value as Record<string, unknown>);
  }
}

/** Bodies and query texts that no client of ours would send. */
export const BROKEN_ENVELOPES: readonly string[] = [
  "",
  "{",
  "null",
  "[]",
  '"text"',
  '{"json":null}',
  '{"json":{"team":"x","project":"y"},"meta":7}',
  '{"json":{"team":"x","project":"y"},"meta":{"values":{"team":["Date"]}}}',
  '{"json":{"team":"x","project":"y"},"meta":{"values":{"__proto__.admin":["Date"]}}}',
  '{"json":{"team":"x","project":"y"},"meta":{"values":{"team":[["custom","nobody"]]}}}',
  '{"json":{"team":"x","project":"y"},"meta":{"values":{"nowhere.at.all":["bigint"]}}}',
  '{"json":{"team":"x","project":"y"},"meta":{"values":{"team":["bigint"]}}}',
  '{"json":{"team":"x","project":"y","self":null},"meta":{"referentialEqualities":{"":["self"]}}}',
  `${'{"json":'.repeat(3_000)}1${"}".repeat(3_000)}`,
];
