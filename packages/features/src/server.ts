/** Services: feature views, point-in-time training sets, recomputation of served rows. */
export {
  allFeatureViews,
  defineFeatureView,
  type FeatureView,
  getFeatureView,
  listFeatureViews,
  loadViews,
} from "./feature-views.ts";
export { type Mismatch, type Recomputation, recomputeServedRows } from "./recompute.ts";
export { type BlockedRange, type TrainingSet, type TrainingSetRequest, trainingSet } from "./training-set.ts";
