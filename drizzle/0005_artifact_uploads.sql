CREATE TABLE "artifact_uploads" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"id" text PRIMARY KEY NOT NULL,
	"owner_id" text NOT NULL,
	"path" text NOT NULL,
	"kind" text NOT NULL,
	"size_bytes" bigint,
	"digest" text,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE INDEX "artifact_uploads_expiry" ON "artifact_uploads" USING btree ("team_id","project_id","expires_at");--> statement-breakpoint
INSERT INTO "artifact_objects" ("team_id", "digest", "size_bytes") SELECT DISTINCT ON ("team_id", "digest") "team_id", "digest", "size_bytes" FROM "model_versions" WHERE "digest" IS NOT NULL AND "size_bytes" IS NOT NULL ON CONFLICT DO NOTHING;
