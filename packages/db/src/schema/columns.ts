import { bigint, customType, text, timestamp } from "drizzle-orm/pg-core";

/** Columns that every tenant's row leads with; every index starts with them, every policy filters by `team_id`. */
export const tenant = {
  teamId: text("team_id").notNull(),
  projectId: text("project_id").notNull(),
};

/** Wall-clock time of the platform. */
export const at = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });
/** The data's own clock. */
export const eventTime = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });
export const createdAt = () => at("created_at").notNull().defaultNow();
/** Money in millionths of the budget's currency unit: integers, so sums are exact. */
export const micros = (name: string) => bigint(name, { mode: "number" });

/** A double that keeps NaN and ±∞ through the driver. */
export const float8 = customType<{ data: number; driverData: number | string }>({
  dataType: () => "double precision",
  fromDriver: (value) => Number(value),
});

/** Raw bytes. */
export const bytea = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => "bytea" });
