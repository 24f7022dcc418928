/** Services of the registry. */
export { type AliasMove, dropAlias, moveAlias } from "./aliases.ts";
export { layOutLineage, lineageGraph } from "./lineage.ts";
export { deploymentsOf, getModel, getVersion, listModels, type ServingRole } from "./models.ts";
export {
  ensureModel,
  type InspectedModel,
  insertModelVersion,
  inspectModel,
  type ModelVersion,
  registerModelVersion,
} from "./register-version.ts";
export { checkBindings, checkServing, signatureOf } from "./serving-contract.ts";
