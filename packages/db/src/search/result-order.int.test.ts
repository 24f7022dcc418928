import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestDatabase, testDatabase } from "../testing.ts";
import { pageToken, readPageToken, type SortTerm } from "./result-order.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await testDatabase();
});
afterAll(() => t.close());

const POSITIONS: Partial<Record<SortTerm["type"], { real: string[]; madeUp: string[] }>> = {
  timestamptz: {
    real: [
      ...[
        "infinity",
        "-infinity",
        "2001-06-20 14:35:00+00",
        "2000-02-29 23:59:59.999999+05:30",
        "0001-01-01 00:00:00+00",
      ],
      ...["275760-09-13 00:00:00+00", "0045-03-15 00:00:00+00 BC"],
    ],
    madeUp: [
      ...["2001-99-01 00:00:00+00", "2001-02-30 00:00:00+00", "1900-02-29 00:00:00+00", "0000-01-01 00:00:00+00"],
      ...["999999-01-01 00:00:00+00", "2001-01-01 23:60:00+00", "2001-01-01 00:00:00+16", "9999-01-01 00:00:00+00 BC"],
      ...["now", "2001-01-01"],
    ],
  },
  float8: {
    real: ["0", "-0", "0.1", "-12.5e-7", "1e+308", "5e-324", "NaN", "Infinity", "-Infinity"],
    madeUp: ["1e999", "-1e309", "1e-999", "0.001e-330", "", "1 ", "0x1"],
  },
  bigint: { real: ["-5", "999999999999999999"], madeUp: ["99999999999999999999", "1.5", ""] },
  int: { real: ["0", "999999999"], madeUp: ["9999999999", "1e3"] },
};

test.each(Object.entries(POSITIONS))(
  "a position of %s in a token is read by PostgreSQL, or refused before it",
  async (type, all) => {
    const term = { sql: sql`x`, type, descending: false } as SortTerm;
    const read = (value: string) => readPageToken(pageToken("order", [value]), "order", [term]);
    for (const value of all.real) {
      const [position = ""] = read(value);
      await t.owner.sql.unsafe(`select $1::text::${type}`, [position]);
    }
    for (const value of all.madeUp) expect(() => read(value), value).toThrow("page_token");
  },
);
