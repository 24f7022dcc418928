import { jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { createdAt, tenant } from "./columns.ts";

/** Prices in micros of the currency per one unit of each meter. Meters: `training.Mrow_trees`, `inference.prediction`, `inference.shadow`. */
export interface RateCard {
  currency: string;
  rates: Record<string, number>;
}

export const rateCards = pgTable("rate_cards", {
  ...tenant,
  id: text("id").primaryKey(),
  card: jsonb("card").$type<RateCard>().notNull(),
  createdAt: createdAt(),
});
