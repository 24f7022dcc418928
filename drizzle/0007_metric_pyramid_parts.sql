DELETE FROM "metric_pyramids";--> statement-breakpoint
UPDATE "metric_series" SET "built_received" = null, "built_step" = null, "late" = false WHERE "built_received" is not null;--> statement-breakpoint
ALTER TABLE "metric_pyramids" ADD COLUMN "part" integer NOT NULL;--> statement-breakpoint
ALTER TABLE "metric_pyramids" ADD COLUMN "points" bigint NOT NULL;--> statement-breakpoint
ALTER TABLE "metric_pyramids" ADD COLUMN "first_step" bigint NOT NULL;--> statement-breakpoint
ALTER TABLE "metric_pyramids" ADD COLUMN "last_step" bigint NOT NULL;--> statement-breakpoint
ALTER TABLE "metric_pyramids" DROP CONSTRAINT "metric_pyramids_series_level_pk";--> statement-breakpoint
ALTER TABLE "metric_pyramids" ADD CONSTRAINT "metric_pyramids_series_level_part_pk" PRIMARY KEY("series","level","part");--> statement-breakpoint
ALTER TABLE "metric_pyramids" ALTER COLUMN "data" SET STORAGE EXTERNAL;--> statement-breakpoint
CREATE INDEX "metric_series_due" ON "metric_series" USING btree ("team_id","no") WHERE late or received - coalesce(built_received, 0) >= 2048;
