import { router } from "@ballast/governance/trpc";
import { experimentProcedures } from "./experiment-procedures.ts";
import { runProcedures } from "./run-procedures.ts";
import { searchProcedures } from "./search-router.ts";

export const experimentsRouter = router({ ...searchProcedures, ...experimentProcedures, ...runProcedures });
export { createArtifactRouter } from "./files/artifact-router.ts";
