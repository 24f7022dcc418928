/** Services of the registry. */
export { type AliasMove, aliasHistory, dropAlias, getByAlias, moveAlias } from "./aliases.ts";
export {
  type Approval,
  type ApprovalRule,
  listApprovalRules,
  missingApproval,
  newestApproval,
  removeApprovalRule,
  setApprovalRule,
} from "./approval-rules.ts";
export { cancelApproval, decideApproval, requestApproval, withdrawApproval } from "./approvals.ts";
export { bindServing } from "./bind-serving.ts";
export { cardMarkdown } from "./card-markdown.ts";
export { compareVersions } from "./compare-versions.ts";
export { type InputExample, inputExample } from "./input-example.ts";
export { layOutLineage, lineageGraph } from "./lineage.ts";
export { listApprovals } from "./list-approvals.ts";
export { type ModelCard, modelCard } from "./model-card.ts";
export {
  getModelVersion,
  type ModelVersionView,
  restoreModelVersion,
  tagModelVersion,
  transitionStage,
  trashModelVersion,
  untagModelVersion,
  updateModelVersion,
} from "./model-versions.ts";
export { deploymentsOf, getModel, getVersion, listModels, type ServingRole } from "./models.ts";
export { attestVersion, getAttestation, verifyAttestation } from "./provenance/attestation.ts";
export { lineageOf } from "./provenance/lineage-both-ways.ts";
export { mlBom } from "./provenance/ml-bom.ts";
export { lockModel, type ModelKey, type ModelRow, type ModelVersion, type VersionKey } from "./records.ts";
export { type CreateModelVersion, createModelVersion, getDownloadUri } from "./register-source.ts";
export {
  ensureModel,
  type InspectedModel,
  insertModelVersion,
  inspectModel,
  registerModelVersion,
} from "./register-version.ts";
export {
  createRegisteredModel,
  getLatestVersions,
  getRegisteredModel,
  type RegisteredModelView,
  renameRegisteredModel,
  restoreRegisteredModel,
  tagRegisteredModel,
  trashRegisteredModel,
  untagRegisteredModel,
  updateRegisteredModel,
} from "./registered-models.ts";
export { type RegistrySearch, searchModelVersions, searchRegisteredModels } from "./search-models.ts";
export { checkBindings, checkServing, signatureOf } from "./serving-contract.ts";
export { type AliasOutcome, awaitsApproval, deleteAlias, setAlias } from "./set-alias.ts";
