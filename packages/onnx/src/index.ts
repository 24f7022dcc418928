/** Reads, checks and builds ONNX models. Pure: bytes in, bytes or facts out, no files and no runtime. */
export { checkModel } from "./check-model.ts";
export { type OipDatatype, type OnnxModel, type OnnxTensor, readModel } from "./read-model.ts";
export { buildTreeEnsembleModel, type TreeEnsemble, type TreeNodes } from "./tree-ensemble.ts";
export { hasValueDependentWork } from "./value-dependent-work.ts";
