CREATE TABLE "api_tokens" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"hash" text NOT NULL,
	"prefix" text NOT NULL,
	"permissions" text[] NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone,
	"last_used_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "api_tokens_hash_unique" UNIQUE("hash")
);
--> statement-breakpoint
CREATE TABLE "audit_events" (
	"team_id" text NOT NULL,
	"project_id" text,
	"id" text PRIMARY KEY NOT NULL,
	"actor_type" text NOT NULL,
	"actor_id" text NOT NULL,
	"actor_name" text NOT NULL,
	"action" text NOT NULL,
	"subject" text NOT NULL,
	"detail" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "budgets" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"currency" text NOT NULL,
	"hard" boolean NOT NULL,
	"limit_micros" bigint NOT NULL,
	"committed_micros" bigint DEFAULT 0 NOT NULL,
	"reserved_micros" bigint DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "column_profiles" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"deployment_id" text NOT NULL,
	"window_id" text NOT NULL,
	"column_name" text NOT NULL,
	"role" text NOT NULL,
	"unit" text,
	"profile" jsonb NOT NULL,
	CONSTRAINT "column_profiles_team_id_project_id_deployment_id_window_id_column_name_pk" PRIMARY KEY("team_id","project_id","deployment_id","window_id","column_name")
);
--> statement-breakpoint
CREATE TABLE "conversions" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"id" text PRIMARY KEY NOT NULL,
	"revision" integer NOT NULL,
	"column_name" text NOT NULL,
	"declared_unit" text NOT NULL,
	"received_unit" text NOT NULL,
	"factor" double precision NOT NULL,
	"offset_value" double precision NOT NULL,
	"from_time" timestamp with time zone NOT NULL,
	"accepted_at" timestamp with time zone NOT NULL,
	"incident_id" text NOT NULL,
	"accepted_by" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "cost_records" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"id" text PRIMARY KEY NOT NULL,
	"budget_id" text NOT NULL,
	"meter" text NOT NULL,
	"quantity" double precision NOT NULL,
	"rate_micros" double precision NOT NULL,
	"amount_micros" bigint NOT NULL,
	"subject" text NOT NULL,
	"model_version_id" text,
	"deployment_id" text,
	"from_time" timestamp with time zone NOT NULL,
	"to_time" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "dataset_versions" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"id" text PRIMARY KEY NOT NULL,
	"dataset_id" text NOT NULL,
	"version" integer NOT NULL,
	"state" text NOT NULL,
	"source_digest" text NOT NULL,
	"digest" text,
	"rows" bigint,
	"contract" jsonb,
	"report" jsonb,
	"declared_units" jsonb NOT NULL,
	"time" jsonb,
	"from_time" timestamp with time zone,
	"to_time" timestamp with time zone,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "datasets" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "deployments" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"model_id" text NOT NULL,
	"routing" jsonb NOT NULL,
	"routing_revision" integer DEFAULT 0 NOT NULL,
	"slo_ms" integer DEFAULT 25 NOT NULL,
	"deadline_ms" integer DEFAULT 1000 NOT NULL,
	"assignment_column" text,
	"time_column" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"routed_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "domain_events" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"id" bigserial PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"subject" text NOT NULL,
	"summary" text NOT NULL,
	"data" jsonb NOT NULL,
	"event_time" timestamp with time zone,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"handled_at" timestamp with time zone,
	"failures" jsonb
);
--> statement-breakpoint
CREATE TABLE "experiments" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "feature_views" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"version" integer NOT NULL,
	"definition" jsonb NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "findings" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"deployment_id" text NOT NULL,
	"window_id" text NOT NULL,
	"from_time" timestamp with time zone NOT NULL,
	"column_name" text NOT NULL,
	"test" text NOT NULL,
	"statistic" text NOT NULL,
	"value" double precision NOT NULL,
	"limit_value" double precision,
	"p_value" double precision,
	"q_value" double precision,
	"n_reference" integer NOT NULL,
	"n_current" integer NOT NULL,
	"drifted" boolean NOT NULL,
	"details" jsonb NOT NULL,
	CONSTRAINT "findings_team_id_project_id_deployment_id_window_id_column_name_test_pk" PRIMARY KEY("team_id","project_id","deployment_id","window_id","column_name","test")
);
--> statement-breakpoint
CREATE TABLE "gate_results" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"version_id" text NOT NULL,
	"gate" text NOT NULL,
	"passed" boolean NOT NULL,
	"message" text NOT NULL,
	"measured" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "gate_results_team_id_project_id_version_id_gate_pk" PRIMARY KEY("team_id","project_id","version_id","gate")
);
--> statement-breakpoint
CREATE TABLE "incidents" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"deployment_id" text NOT NULL,
	"title" text NOT NULL,
	"state" text NOT NULL,
	"dedupe_key" text NOT NULL,
	"evidence" jsonb NOT NULL,
	"proposal" jsonb,
	"since" timestamp with time zone NOT NULL,
	"opened_event_time" timestamp with time zone NOT NULL,
	"closed_event_time" timestamp with time zone,
	"resolution" text,
	"resolved_by" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"closed_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "journal_segments" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"id" text PRIMARY KEY NOT NULL,
	"sequence" bigint NOT NULL,
	"path" text NOT NULL,
	"bytes" bigint NOT NULL,
	"records" integer NOT NULL,
	"watermark" timestamp with time zone,
	"state" text NOT NULL,
	"files" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"compacted_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "memberships" (
	"team_id" text NOT NULL,
	"user_id" text NOT NULL,
	"role" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "memberships_team_id_user_id_pk" PRIMARY KEY("team_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "model_aliases" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"model_id" text NOT NULL,
	"alias" text NOT NULL,
	"version_id" text NOT NULL,
	"moved_by" text NOT NULL,
	"moved_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "model_aliases_team_id_project_id_model_id_alias_pk" PRIMARY KEY("team_id","project_id","model_id","alias")
);
--> statement-breakpoint
CREATE TABLE "model_versions" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"id" text PRIMARY KEY NOT NULL,
	"model_id" text NOT NULL,
	"version" integer NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"digest" text NOT NULL,
	"size_bytes" integer NOT NULL,
	"signature" jsonb NOT NULL,
	"serving" jsonb NOT NULL,
	"lineage" jsonb NOT NULL,
	"metrics" jsonb NOT NULL,
	"cause" text NOT NULL,
	"created_by" text NOT NULL,
	"event_time" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "monitor_windows" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"id" text PRIMARY KEY NOT NULL,
	"deployment_id" text NOT NULL,
	"from_time" timestamp with time zone NOT NULL,
	"to_time" timestamp with time zone NOT NULL,
	"state" text NOT NULL,
	"tally" jsonb,
	"attempts" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"processed_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "performance_days" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"deployment_id" text NOT NULL,
	"version_id" text NOT NULL,
	"day" timestamp with time zone NOT NULL,
	"champion" boolean NOT NULL,
	"n" integer NOT NULL,
	"scored" integer NOT NULL,
	"auc" double precision NOT NULL,
	"brier" double precision NOT NULL,
	"brier_skill" double precision NOT NULL,
	"mean_prediction" double precision NOT NULL,
	"mean_outcome" double precision NOT NULL,
	"reliability" jsonb NOT NULL,
	CONSTRAINT "performance_days_team_id_project_id_deployment_id_version_id_day_pk" PRIMARY KEY("team_id","project_id","deployment_id","version_id","day")
);
--> statement-breakpoint
CREATE TABLE "projects" (
	"id" text PRIMARY KEY NOT NULL,
	"team_id" text NOT NULL,
	"slug" text NOT NULL,
	"name" text NOT NULL,
	"watermark" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rate_cards" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"id" text PRIMARY KEY NOT NULL,
	"card" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "registered_models" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "reservations" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"id" text PRIMARY KEY NOT NULL,
	"budget_id" text NOT NULL,
	"subject" text NOT NULL,
	"state" text NOT NULL,
	"amount_micros" bigint NOT NULL,
	"committed_micros" bigint,
	"reason" text,
	"event_time" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"settled_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "rollout_decisions" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"id" text PRIMARY KEY NOT NULL,
	"rollout_id" text NOT NULL,
	"decision" text NOT NULL,
	"summary" text NOT NULL,
	"inputs" jsonb NOT NULL,
	"rule" text NOT NULL,
	"actor" text NOT NULL,
	"decision_ms" double precision,
	"event_time" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rollouts" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"id" text PRIMARY KEY NOT NULL,
	"deployment_id" text NOT NULL,
	"candidate_id" text NOT NULL,
	"champion_id" text,
	"plan" jsonb NOT NULL,
	"plan_digest" text NOT NULL,
	"state" text NOT NULL,
	"step" integer DEFAULT -1 NOT NULL,
	"step_since" timestamp with time zone,
	"evidence" jsonb NOT NULL,
	"outcome_reason" text,
	"cause" text NOT NULL,
	"created_by" text NOT NULL,
	"started_event_time" timestamp with time zone,
	"ended_event_time" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "runs" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"id" text PRIMARY KEY NOT NULL,
	"experiment_id" text NOT NULL,
	"name" text NOT NULL,
	"state" text NOT NULL,
	"params" jsonb NOT NULL,
	"metrics" jsonb NOT NULL,
	"tags" jsonb NOT NULL,
	"inputs" jsonb NOT NULL,
	"outputs" jsonb NOT NULL,
	"code_version" text NOT NULL,
	"error" text,
	"created_by" text NOT NULL,
	"event_time" timestamp with time zone,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "teams" (
	"id" text PRIMARY KEY NOT NULL,
	"slug" text NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "teams_slug_unique" UNIQUE("slug")
);
--> statement-breakpoint
CREATE TABLE "training_jobs" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"id" text PRIMARY KEY NOT NULL,
	"pipeline_id" text NOT NULL,
	"cause" text NOT NULL,
	"state" text NOT NULL,
	"reason" text,
	"from_time" timestamp with time zone NOT NULL,
	"to_time" timestamp with time zone NOT NULL,
	"params" jsonb NOT NULL,
	"plan" jsonb NOT NULL,
	"progress" jsonb,
	"reservation_id" text,
	"run_id" text,
	"version_id" text,
	"attempts" integer DEFAULT 0 NOT NULL,
	"created_by" text NOT NULL,
	"event_time" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp with time zone,
	"ended_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "training_pipelines" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"spec" jsonb NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "trigger_policies" (
	"team_id" text NOT NULL,
	"project_id" text NOT NULL,
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"deployment_id" text NOT NULL,
	"pipeline_id" text NOT NULL,
	"spec" jsonb NOT NULL,
	"enabled" boolean DEFAULT true NOT NULL,
	"last_fired" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "users" (
	"id" text PRIMARY KEY NOT NULL,
	"email" text NOT NULL,
	"name" text NOT NULL,
	"password_hash" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "users_email_unique" UNIQUE("email")
);
--> statement-breakpoint
CREATE INDEX "api_tokens_scope" ON "api_tokens" USING btree ("team_id","project_id");--> statement-breakpoint
CREATE INDEX "audit_events_scope" ON "audit_events" USING btree ("team_id","project_id","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "budgets_name" ON "budgets" USING btree ("team_id","project_id","name");--> statement-breakpoint
CREATE UNIQUE INDEX "conversions_revision" ON "conversions" USING btree ("team_id","project_id","revision");--> statement-breakpoint
CREATE UNIQUE INDEX "cost_records_once" ON "cost_records" USING btree ("team_id","project_id","meter","subject","from_time");--> statement-breakpoint
CREATE UNIQUE INDEX "dataset_versions_number" ON "dataset_versions" USING btree ("team_id","project_id","dataset_id","version");--> statement-breakpoint
CREATE INDEX "dataset_versions_digest" ON "dataset_versions" USING btree ("team_id","project_id","source_digest");--> statement-breakpoint
CREATE UNIQUE INDEX "datasets_name" ON "datasets" USING btree ("team_id","project_id","name");--> statement-breakpoint
CREATE UNIQUE INDEX "deployments_name" ON "deployments" USING btree ("team_id","project_id","name");--> statement-breakpoint
CREATE INDEX "domain_events_scope" ON "domain_events" USING btree ("team_id","project_id","id");--> statement-breakpoint
CREATE INDEX "domain_events_open" ON "domain_events" USING btree ("team_id","project_id","id") WHERE handled_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "experiments_name" ON "experiments" USING btree ("team_id","project_id","name");--> statement-breakpoint
CREATE UNIQUE INDEX "feature_views_version" ON "feature_views" USING btree ("team_id","project_id","name","version");--> statement-breakpoint
CREATE INDEX "incidents_scope" ON "incidents" USING btree ("team_id","project_id","created_at");--> statement-breakpoint
CREATE INDEX "journal_segments_scope" ON "journal_segments" USING btree ("team_id","project_id","sequence");--> statement-breakpoint
CREATE UNIQUE INDEX "model_versions_number" ON "model_versions" USING btree ("team_id","project_id","model_id","version");--> statement-breakpoint
CREATE UNIQUE INDEX "monitor_windows_range" ON "monitor_windows" USING btree ("team_id","project_id","deployment_id","from_time");--> statement-breakpoint
CREATE UNIQUE INDEX "projects_slug" ON "projects" USING btree ("team_id","slug");--> statement-breakpoint
CREATE UNIQUE INDEX "registered_models_name" ON "registered_models" USING btree ("team_id","project_id","name");--> statement-breakpoint
CREATE INDEX "reservations_budget" ON "reservations" USING btree ("team_id","project_id","budget_id","created_at");--> statement-breakpoint
CREATE INDEX "rollout_decisions_rollout" ON "rollout_decisions" USING btree ("team_id","project_id","rollout_id","created_at");--> statement-breakpoint
CREATE INDEX "rollouts_deployment" ON "rollouts" USING btree ("team_id","project_id","deployment_id","created_at");--> statement-breakpoint
CREATE INDEX "runs_experiment" ON "runs" USING btree ("team_id","project_id","experiment_id","started_at");--> statement-breakpoint
CREATE INDEX "training_jobs_scope" ON "training_jobs" USING btree ("team_id","project_id","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "training_pipelines_name" ON "training_pipelines" USING btree ("team_id","project_id","name");--> statement-breakpoint
CREATE UNIQUE INDEX "trigger_policies_name" ON "trigger_policies" USING btree ("team_id","project_id","name");