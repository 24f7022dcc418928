import type { ArtifactStore } from "@ballast/artifacts";
import { projectProcedure, router } from "@ballast/governance/trpc";
import { z } from "zod";
import { previewArtifact } from "./artifact-preview.ts";
import { listArtifacts } from "./artifact-tree.ts";

const ownerId = z.string().min(1).max(256);

/** Files of runs and logged models, for looking at them; bytes go up and down through the gateway. */
export function createArtifactRouter({ artifacts }: { artifacts: ArtifactStore }) {
  return router({
    list: projectProcedure("project.read")
      .input(z.object({ ownerId, path: z.string().max(4_000).default("") }))
      .query(({ ctx, input }) => ctx.inTenant((tx) => listArtifacts(tx, ctx.scope, input.ownerId, input.path))),
    preview: projectProcedure("project.read")
      .input(z.object({ ownerId, path: z.string().min(1).max(4_000) }))
      .query(({ ctx, input }) => previewArtifact({ db: ctx.db, artifacts }, ctx.scope, input.ownerId, input.path)),
  });
}
