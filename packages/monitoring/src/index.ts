import { z } from "zod";

/** Client-safe shapes of monitoring: what pages ask for and what a person decides. */
export type { ConversionProposal, WindowTally } from "@ballast/db";
export type { Remedy, Verdict, VerdictInput } from "./verdict.ts";
export { monitoringVerdict } from "./verdict.ts";

const id = z.string().min(1).max(100);
/** Days and times that PostgreSQL can hold, the day after them included: it has no year 0. */
const day = z.iso
  .date()
  .refine((text) => text >= "0001-01-01" && text < "9999-01-01", "must be a day of the years 1 to 9998");
const time = z.iso.datetime().refine((text) => text >= "0001", "must be a time of the years 1 to 9999");

/** A range of UTC days, both inclusive; the newest 60 where it is left out. */
export const dayRangeSchema = z
  .object({ from: day.optional(), to: day.optional() })
  .refine(({ from, to }) => from === undefined || to === undefined || from <= to, {
    message: "from: it must not be after `to`.",
    path: ["from"],
  });
export type DayRange = z.infer<typeof dayRangeSchema>;

/** Most days one answer holds; ask for the next range after that. */
export const MOST_DAYS = 200;
export const DEFAULT_DAYS = 60;

export const heatMapSchema = z.object({
  deployment: id,
  range: dayRangeSchema.default({}),
  /** Id of a drift test, such as `jensen-shannon`; the strongest of all calibrated ones per cell when left out. */
  test: z.string().max(60).optional(),
});

export const distributionSchema = z.object({
  deployment: id,
  column: z.string().min(1).max(200),
  /** UTC day. */
  day,
});

export const performanceSchema = z.object({ deployment: id, range: dayRangeSchema.default({}) });

export const listIncidentsSchema = z.object({
  state: z.enum(["open", "resolved", "dismissed"]).optional(),
  deployment: id.optional(),
  /** Id of the last incident of the page before. */
  before: id.optional(),
  limit: z.int().min(1).max(100).default(20),
});

export const dismissIncidentSchema = z.object({
  incidentId: id,
  reason: z.string().trim().min(3, "Say in a few words why this is no incident.").max(500),
});

export const withdrawConversionSchema = z.object({
  conversionId: id,
  /** Event time from which the column is right without it; all of its time when left out. */
  from: time.optional(),
  reason: z.string().trim().min(3, "Say in a few words why the conversion is withdrawn.").max(500),
});

export const listWindowsSchema = z.object({
  deployment: id,
  /** End of the last window of the page before, ISO. */
  before: time.optional(),
  limit: z.int().min(1).max(MOST_DAYS).default(30),
});
