CREATE TABLE "model_attestations" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"version_id" text PRIMARY KEY NOT NULL,
	"key_id" text NOT NULL,
	"envelope" jsonb NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "retention_reports" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"id" text PRIMARY KEY NOT NULL,
	"cause" text NOT NULL,
	"state" text NOT NULL,
	"requested_by" text NOT NULL,
	"trashed" integer DEFAULT 0 NOT NULL,
	"purged" integer DEFAULT 0 NOT NULL,
	"rows" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"files" integer DEFAULT 0 NOT NULL,
	"bytes" bigint DEFAULT 0 NOT NULL,
	"error" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp with time zone,
	"ended_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "retention_rules" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"id" text PRIMARY KEY NOT NULL,
	"spec" jsonb NOT NULL,
	"enabled" boolean DEFAULT true NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "webhook_deliveries" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"id" text PRIMARY KEY NOT NULL,
	"webhook_id" text NOT NULL,
	"event_id" bigint,
	"event_name" text NOT NULL,
	"state" text NOT NULL,
	"payload" text,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_attempt_at" timestamp with time zone DEFAULT now() NOT NULL,
	"response_status" integer,
	"response_body" text,
	"error" text,
	"log" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"delivered_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "webhooks" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"url" text NOT NULL,
	"events" text[] NOT NULL,
	"format" text NOT NULL,
	"secret" text,
	"state" text NOT NULL,
	"reason" text,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"deleted_at" timestamp with time zone
);
--> statement-breakpoint
CREATE INDEX "retention_reports_scope" ON "retention_reports" USING btree ("team_id","project_id","created_at");--> statement-breakpoint
CREATE INDEX "retention_rules_scope" ON "retention_rules" USING btree ("team_id","project_id");--> statement-breakpoint
CREATE UNIQUE INDEX "webhook_deliveries_once" ON "webhook_deliveries" USING btree ("team_id","project_id","webhook_id","event_id");--> statement-breakpoint
CREATE INDEX "webhook_deliveries_scope" ON "webhook_deliveries" USING btree ("team_id","project_id","webhook_id","created_at");--> statement-breakpoint
CREATE INDEX "webhook_deliveries_due" ON "webhook_deliveries" USING btree ("next_attempt_at","team_id","project_id") WHERE state = 'pending';--> statement-breakpoint
CREATE INDEX "webhooks_active" ON "webhooks" USING btree ("team_id","project_id") WHERE state = 'active' and deleted_at is null;