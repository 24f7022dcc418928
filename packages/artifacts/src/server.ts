/** Services around stored bytes that need the database: who owns them, and which nobody needs. */
export {
  claimArtifact,
  ownedDigests,
  recordArtifact,
  requireOwnArtifact,
  type ScanVerdict,
} from "./ownership/claim.ts";
export { collectGarbage, type GarbageDeps, type GarbageReport } from "./ownership/collect-garbage.ts";
