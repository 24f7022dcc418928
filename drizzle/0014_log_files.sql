ALTER TABLE "journal_segments" ADD COLUMN "rows" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "journal_segments" ADD COLUMN "first_time" bigint;--> statement-breakpoint
ALTER TABLE "journal_segments" ADD COLUMN "last_time" bigint;--> statement-breakpoint
CREATE INDEX "journal_segments_sealed" ON "journal_segments" USING btree ("team_id","project_id","sequence") WHERE state = 'sealed';--> statement-breakpoint
CREATE INDEX "journal_segments_times" ON "journal_segments" USING btree ("team_id","project_id","last_time") WHERE last_time is not null;--> statement-breakpoint
CREATE INDEX "journal_segments_small" ON "journal_segments" USING btree ("team_id","project_id","sequence") WHERE "rows" between 1 and 4095;--> statement-breakpoint
CREATE INDEX "journal_segments_files" ON "journal_segments" USING gin ("files" jsonb_path_ops);--> statement-breakpoint
CREATE INDEX "runs_files" ON "runs" USING gin ((outputs || inputs) jsonb_path_ops) WHERE outputs <> '[]' or inputs <> '[]';--> statement-breakpoint
UPDATE "journal_segments" s SET "rows" = x.n, "first_time" = x.least, "last_time" = x.greatest FROM (
  SELECT j."id", sum((f->>'rows')::int) / 2 AS n, floor(min(t.at)) AS least, ceil(max(t.at)) AS greatest
  FROM "journal_segments" j CROSS JOIN jsonb_array_elements(j."files") f CROSS JOIN LATERAL (
    SELECT least((f->>'minTime')::float8, (SELECT min((r.value->>0)::float8) FROM jsonb_each(f->'ranges') r)) AS at
    UNION ALL
    SELECT greatest((f->>'maxTime')::float8, (SELECT max((r.value->>1)::float8) FROM jsonb_each(f->'ranges') r))) t
  GROUP BY j."id") x
WHERE x."id" = s."id";
