import type { AppRouter } from "@ballast/api";
import type { inferRouterOutputs } from "@trpc/server";

/** What the procedures answer, by domain and name: `Outputs["model"]["list"]`. */
export type Outputs = inferRouterOutputs<AppRouter>;
