DROP INDEX "metric_series_key";--> statement-breakpoint
DROP INDEX "metric_series_due";--> statement-breakpoint
ALTER TABLE "metric_series" ADD COLUMN "due" boolean GENERATED ALWAYS AS (late or received - coalesce(built_received, 0) >= 2048) STORED;--> statement-breakpoint
CREATE INDEX "metric_series_key" ON "metric_series" USING btree ("team_id","project_id","key","run_id");--> statement-breakpoint
CREATE INDEX "metric_series_due" ON "metric_series" USING btree ("team_id","no") WHERE due;--> statement-breakpoint
-- Room on each page for the next version of its rows, so that updating them changes no index.
ALTER TABLE "metric_series" SET (fillfactor = 50);
