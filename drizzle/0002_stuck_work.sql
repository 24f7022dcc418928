ALTER TABLE "dataset_versions" ADD COLUMN "attempts" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "journal_segments" ADD COLUMN "failures" jsonb;