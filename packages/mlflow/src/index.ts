/**
 * MLflow's REST dialect over experiments, registry and artifacts: which routes there are, and what each answers. It knows
 * nothing of sockets and tokens: who listens asks `findMlflowRoute`, sees to the route's permission, and sends the answer.
 */
export { type ArtifactPlace, artifactFile, artifactPlace } from "./artifact-place.ts";
export type { MlflowCall, MlflowDeps } from "./call.ts";
export {
  answerJson,
  answerPublic,
  isJsonRoute,
  MLFLOW_VERSION,
  type MlflowAnswer,
  refusal,
  refusePath,
} from "./dialect.ts";
export { MlflowError, type MlflowErrorCode, mlflowErrorOf } from "./errors.ts";
export { modelVersionPlace } from "./handlers/model-versions.ts";
export { findMlflowRoute, isMlflowPath, type MlflowMatch } from "./route-table.ts";
export { MLFLOW_ROUTES, type MlflowRoute } from "./routes.ts";
