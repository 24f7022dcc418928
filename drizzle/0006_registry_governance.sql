CREATE TABLE "alias_moves" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"id" bigserial PRIMARY KEY NOT NULL,
	"model_id" text NOT NULL,
	"alias" text NOT NULL,
	"from_version_id" text,
	"to_version_id" text,
	"moved_by" text NOT NULL,
	"approval_id" text,
	"moved_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "approval_rules" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"model_id" text NOT NULL,
	"alias" text NOT NULL,
	"approvals" integer NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "approval_rules_team_id_project_id_model_id_alias_pk" PRIMARY KEY("team_id","project_id","model_id","alias")
);
--> statement-breakpoint
CREATE TABLE "approvals" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"id" text PRIMARY KEY NOT NULL,
	"model_id" text NOT NULL,
	"alias" text NOT NULL,
	"version_id" text NOT NULL,
	"state" text NOT NULL,
	"needed" integer NOT NULL,
	"reason" text DEFAULT '' NOT NULL,
	"decisions" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"requested_by" text NOT NULL,
	"requested_by_id" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"decided_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "model_versions" ADD COLUMN "created_by_id" text;--> statement-breakpoint
CREATE INDEX "alias_moves_model" ON "alias_moves" USING btree ("team_id","project_id","model_id","id");--> statement-breakpoint
CREATE INDEX "alias_moves_to" ON "alias_moves" USING btree ("team_id","project_id","to_version_id");--> statement-breakpoint
CREATE UNIQUE INDEX "approvals_pending" ON "approvals" USING btree ("team_id","project_id","model_id","alias","version_id") WHERE state = 'pending';--> statement-breakpoint
CREATE INDEX "approvals_model" ON "approvals" USING btree ("team_id","project_id","model_id","id");