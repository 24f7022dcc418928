import type { ArtifactStore } from "@ballast/artifacts";
import { type Installation, publicKeyOf, readInstallation } from "@ballast/governance/server";
import { projectProcedure, router } from "@ballast/governance/trpc";
import { z } from "zod";
import { attestVersion, getAttestation, verifyAttestation } from "./attestation.ts";
import { lineageOf } from "./lineage-both-ways.ts";
import { LINEAGE_KINDS } from "./lineage-nodes.ts";
import { mlBom } from "./ml-bom.ts";

const versionId = z.string().min(1).max(100);
/** Predictions and costs are sums without a row of their own: found from elsewhere, not started at. */
const startKinds = z.enum(LINEAGE_KINDS).exclude(["predictions", "cost"]);

/** Where models come from and go to, and proofs of it; merged into the model router. */
export function createProvenanceRouter(deps: {
  artifacts: ArtifactStore;
  installation?: (() => Installation) | undefined;
}) {
  const installation = deps.installation ?? readInstallation;
  return router({
    /** Lineage of anything in the project, both ways. */
    graph: projectProcedure("project.read")
      .input(
        z.object({
          kind: startKinds,
          id: z.string().min(1).max(300),
          direction: z.enum(["upstream", "downstream", "both"]).default("both"),
          depth: z.int().min(1).max(20).default(8),
          limit: z.int().min(1).max(1_000).default(200),
        }),
      )
      .query(({ ctx, input }) => ctx.inTenant((tx) => lineageOf(tx, ctx.scope, input))),
    /** CycloneDX 1.6 bill of materials. */
    bom: projectProcedure("project.read")
      .input(z.object({ versionId }))
      .query(({ ctx, input }) => mlBom({ db: ctx.db, artifacts: deps.artifacts }, ctx.scope, input.versionId)),
    attestation: projectProcedure("project.read")
      .input(z.object({ versionId }))
      .query(({ ctx, input }) => ctx.inTenant((tx) => getAttestation(tx, ctx.scope, input.versionId))),
    attest: projectProcedure("model.write")
      .input(z.object({ versionId, replace: z.boolean().default(false) }))
      .mutation(({ ctx, input }) => ctx.inTenant((tx) => attestVersion(tx, installation(), ctx.scope, input))),
    verifyAttestation: projectProcedure("project.read")
      .input(z.object({ versionId }))
      .query(({ ctx, input }) =>
        verifyAttestation(
          { db: ctx.db, artifacts: deps.artifacts, installation: installation() },
          ctx.scope,
          input.versionId,
        ),
      ),
    signingKey: projectProcedure("project.read").query(() => publicKeyOf(installation())),
  });
}
