ALTER TABLE "budgets" ADD COLUMN "metered_micros" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "cost_records_budget" ON "cost_records" USING btree ("team_id","project_id","budget_id","from_time");--> statement-breakpoint
CREATE INDEX "cost_records_version" ON "cost_records" USING btree ("team_id","project_id","model_version_id");--> statement-breakpoint
CREATE INDEX "domain_events_time" ON "domain_events" USING btree ("team_id","project_id","event_time");--> statement-breakpoint
CREATE INDEX "domain_events_failed" ON "domain_events" USING btree ("team_id","project_id","id") WHERE failures is not null;--> statement-breakpoint
CREATE INDEX "reservations_open" ON "reservations" USING btree ("team_id","project_id","budget_id") WHERE state = 'reserved';--> statement-breakpoint
CREATE INDEX "reservations_refused" ON "reservations" USING btree ("team_id","project_id","created_at") WHERE state = 'refused' and subject not like 'lease:%';--> statement-breakpoint
UPDATE "budgets" b SET "metered_micros" = x.total FROM (
  SELECT "budget_id", sum("amount_micros") AS total FROM "cost_records" GROUP BY "budget_id") x
WHERE x."budget_id" = b."id";
