CREATE TABLE "artifact_entries" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"owner_id" text NOT NULL,
	"path" text NOT NULL,
	"digest" text NOT NULL,
	"size_bytes" bigint NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "artifact_entries_team_id_project_id_owner_id_path_pk" PRIMARY KEY("team_id","project_id","owner_id","path")
);
--> statement-breakpoint
CREATE TABLE "artifact_objects" (
	"team_id" text NOT NULL,
	"digest" text NOT NULL,
	"size_bytes" bigint NOT NULL,
	"scan" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "artifact_objects_team_id_digest_pk" PRIMARY KEY("team_id","digest")
);
--> statement-breakpoint
CREATE TABLE "logged_model_metrics" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"model_id" text NOT NULL,
	"run_id" text NOT NULL,
	"key" text NOT NULL,
	"dataset_name" text DEFAULT '' NOT NULL,
	"dataset_digest" text DEFAULT '' NOT NULL,
	"step" bigint NOT NULL,
	"at" bigint NOT NULL,
	"value" double precision NOT NULL,
	CONSTRAINT "logged_model_metrics_team_id_project_id_model_id_key_dataset_name_dataset_digest_run_id_pk" PRIMARY KEY("team_id","project_id","model_id","key","dataset_name","dataset_digest","run_id")
);
--> statement-breakpoint
CREATE TABLE "logged_models" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"id" text PRIMARY KEY NOT NULL,
	"experiment_id" text NOT NULL,
	"source_run_id" text,
	"name" text NOT NULL,
	"model_type" text DEFAULT '' NOT NULL,
	"state" text NOT NULL,
	"params" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"tags" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"deleted_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "metric_points" (
	"team_id" text NOT NULL,
	"series" bigint NOT NULL,
	"step" bigint NOT NULL,
	"at" bigint NOT NULL,
	"value" double precision NOT NULL,
	CONSTRAINT "metric_points_series_step_at_value_pk" PRIMARY KEY("series","step","at","value")
) PARTITION BY HASH ("series");
--> statement-breakpoint
CREATE TABLE "metric_pyramids" (
	"team_id" text NOT NULL,
	"series" bigint NOT NULL,
	"level" integer NOT NULL,
	"width" bigint NOT NULL,
	"buckets" integer NOT NULL,
	"data" "bytea" NOT NULL,
	CONSTRAINT "metric_pyramids_series_level_pk" PRIMARY KEY("series","level")
);
--> statement-breakpoint
CREATE TABLE "metric_series" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"no" bigserial PRIMARY KEY NOT NULL,
	"run_id" text NOT NULL,
	"key" text NOT NULL,
	"last_step" bigint NOT NULL,
	"last_at" bigint NOT NULL,
	"last" double precision NOT NULL,
	"least" double precision,
	"greatest" double precision,
	"first_step" bigint NOT NULL,
	"received" bigint NOT NULL,
	"built_received" bigint,
	"built_step" bigint,
	"late" boolean DEFAULT false NOT NULL
);
--> statement-breakpoint
CREATE TABLE "run_links" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"run_id" text NOT NULL,
	"kind" text NOT NULL,
	"target_id" text NOT NULL,
	"step" bigint DEFAULT 0 NOT NULL,
	"tags" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "run_links_team_id_project_id_run_id_kind_target_id_pk" PRIMARY KEY("team_id","project_id","run_id","kind","target_id")
);
--> statement-breakpoint
CREATE TABLE "tracked_datasets" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"digest" text NOT NULL,
	"source_type" text NOT NULL,
	"source" text NOT NULL,
	"schema" text,
	"profile" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
DROP INDEX "experiments_name";--> statement-breakpoint
DROP INDEX "registered_models_name";--> statement-breakpoint
DROP INDEX "runs_experiment";--> statement-breakpoint
ALTER TABLE "model_versions" ALTER COLUMN "digest" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "model_versions" ALTER COLUMN "size_bytes" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "model_versions" ALTER COLUMN "signature" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "model_versions" ALTER COLUMN "serving" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "experiments" ADD COLUMN "tags" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "experiments" ADD COLUMN "updated_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "experiments" ADD COLUMN "deleted_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "model_versions" ADD COLUMN "source" text;--> statement-breakpoint
ALTER TABLE "model_versions" ADD COLUMN "logged_model_id" text;--> statement-breakpoint
ALTER TABLE "model_versions" ADD COLUMN "run_link" text;--> statement-breakpoint
ALTER TABLE "model_versions" ADD COLUMN "tags" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "model_versions" ADD COLUMN "state" text DEFAULT 'ready' NOT NULL;--> statement-breakpoint
ALTER TABLE "model_versions" ADD COLUMN "stage" text DEFAULT 'None' NOT NULL;--> statement-breakpoint
ALTER TABLE "model_versions" ADD COLUMN "updated_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "model_versions" ADD COLUMN "deleted_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "registered_models" ADD COLUMN "tags" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "registered_models" ADD COLUMN "updated_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "registered_models" ADD COLUMN "deleted_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "parent_id" text;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "deleted_at" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "artifact_entries_digest" ON "artifact_entries" USING btree ("team_id","digest");--> statement-breakpoint
CREATE TABLE "metric_points_0" PARTITION OF "metric_points" FOR VALUES WITH (MODULUS 16, REMAINDER 0);--> statement-breakpoint
CREATE TABLE "metric_points_1" PARTITION OF "metric_points" FOR VALUES WITH (MODULUS 16, REMAINDER 1);--> statement-breakpoint
CREATE TABLE "metric_points_2" PARTITION OF "metric_points" FOR VALUES WITH (MODULUS 16, REMAINDER 2);--> statement-breakpoint
CREATE TABLE "metric_points_3" PARTITION OF "metric_points" FOR VALUES WITH (MODULUS 16, REMAINDER 3);--> statement-breakpoint
CREATE TABLE "metric_points_4" PARTITION OF "metric_points" FOR VALUES WITH (MODULUS 16, REMAINDER 4);--> statement-breakpoint
CREATE TABLE "metric_points_5" PARTITION OF "metric_points" FOR VALUES WITH (MODULUS 16, REMAINDER 5);--> statement-breakpoint
CREATE TABLE "metric_points_6" PARTITION OF "metric_points" FOR VALUES WITH (MODULUS 16, REMAINDER 6);--> statement-breakpoint
CREATE TABLE "metric_points_7" PARTITION OF "metric_points" FOR VALUES WITH (MODULUS 16, REMAINDER 7);--> statement-breakpoint
CREATE TABLE "metric_points_8" PARTITION OF "metric_points" FOR VALUES WITH (MODULUS 16, REMAINDER 8);--> statement-breakpoint
CREATE TABLE "metric_points_9" PARTITION OF "metric_points" FOR VALUES WITH (MODULUS 16, REMAINDER 9);--> statement-breakpoint
CREATE TABLE "metric_points_10" PARTITION OF "metric_points" FOR VALUES WITH (MODULUS 16, REMAINDER 10);--> statement-breakpoint
CREATE TABLE "metric_points_11" PARTITION OF "metric_points" FOR VALUES WITH (MODULUS 16, REMAINDER 11);--> statement-breakpoint
CREATE TABLE "metric_points_12" PARTITION OF "metric_points" FOR VALUES WITH (MODULUS 16, REMAINDER 12);--> statement-breakpoint
CREATE TABLE "metric_points_13" PARTITION OF "metric_points" FOR VALUES WITH (MODULUS 16, REMAINDER 13);--> statement-breakpoint
CREATE TABLE "metric_points_14" PARTITION OF "metric_points" FOR VALUES WITH (MODULUS 16, REMAINDER 14);--> statement-breakpoint
CREATE TABLE "metric_points_15" PARTITION OF "metric_points" FOR VALUES WITH (MODULUS 16, REMAINDER 15);--> statement-breakpoint
CREATE INDEX "logged_models_experiment" ON "logged_models" USING btree ("team_id","project_id","experiment_id","created_at");--> statement-breakpoint
CREATE INDEX "logged_models_run" ON "logged_models" USING btree ("team_id","project_id","source_run_id");--> statement-breakpoint
CREATE UNIQUE INDEX "metric_series_run" ON "metric_series" USING btree ("team_id","project_id","run_id","key");--> statement-breakpoint
CREATE INDEX "metric_series_key" ON "metric_series" USING btree ("team_id","project_id","key","last");--> statement-breakpoint
CREATE INDEX "run_links_target" ON "run_links" USING btree ("team_id","project_id","target_id");--> statement-breakpoint
CREATE UNIQUE INDEX "tracked_datasets_digest" ON "tracked_datasets" USING btree ("team_id","project_id","name","digest");--> statement-breakpoint
CREATE INDEX "experiments_trash" ON "experiments" USING btree ("team_id","project_id","deleted_at") WHERE deleted_at is not null;--> statement-breakpoint
CREATE INDEX "runs_parent" ON "runs" USING btree ("team_id","project_id","parent_id") WHERE parent_id is not null;--> statement-breakpoint
CREATE INDEX "runs_trash" ON "runs" USING btree ("team_id","project_id","deleted_at") WHERE deleted_at is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "experiments_name" ON "experiments" USING btree ("team_id","project_id","name") WHERE deleted_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "registered_models_name" ON "registered_models" USING btree ("team_id","project_id","name") WHERE deleted_at is null;--> statement-breakpoint
CREATE INDEX "runs_experiment" ON "runs" USING btree ("team_id","project_id","experiment_id","started_at","id");--> statement-breakpoint
INSERT INTO "metric_series" ("team_id", "project_id", "run_id", "key", "last_step", "last_at", "last", "least", "greatest", "first_step", "received")
SELECT r.team_id, r.project_id, r.id, m.key, 0, (extract(epoch from coalesce(r.ended_at, r.started_at)) * 1000)::bigint, m.value::float8, m.value::float8, m.value::float8, 0, 1
FROM runs r, jsonb_each_text(r.metrics) m;--> statement-breakpoint
INSERT INTO "metric_points" ("team_id", "series", "step", "at", "value") SELECT team_id, "no", last_step, last_at, "last" FROM "metric_series";--> statement-breakpoint
ALTER TABLE "runs" DROP COLUMN "metrics";