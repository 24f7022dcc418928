import type { ArtifactStore } from "@ballast/artifacts";
import { projectProcedure, router } from "@ballast/governance/trpc";
import { z } from "zod";
import { cardMarkdown } from "./card-markdown.ts";
import { compareVersions } from "./compare-versions.ts";
import { idSchema } from "./index.ts";
import { inputExample } from "./input-example.ts";
import { loggedSignature } from "./logged-signature.ts";
import { modelCard } from "./model-card.ts";

/** What is put together about versions: comparisons, model cards, examples. */
export function createReportRouter({ artifacts }: { artifacts: ArtifactStore }) {
  return router({
    compare: projectProcedure("project.read")
      .input(z.object({ versionIds: z.array(idSchema).min(2).max(20) }))
      .query(({ ctx, input }) => ctx.inTenant((tx) => compareVersions(tx, ctx.scope, input.versionIds))),
    card: projectProcedure("project.read")
      .input(z.object({ versionId: idSchema }))
      .query(async ({ ctx, input }) => {
        const card = await modelCard({ db: ctx.db, artifacts }, ctx.scope, input.versionId);
        return { card, markdown: cardMarkdown(card) };
      }),
    inputExample: projectProcedure("project.read")
      .input(z.object({ versionId: idSchema }))
      .query(({ ctx, input }) => inputExample({ db: ctx.db, artifacts }, ctx.scope, input.versionId)),
    loggedSignature: projectProcedure("project.read")
      .input(z.object({ versionId: idSchema }))
      .query(({ ctx, input }) => loggedSignature({ db: ctx.db, artifacts }, ctx.scope, input.versionId)),
  });
}
