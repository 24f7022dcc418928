/** What the floors below hand to plugin authors: the error hosts understand and the ONNX builder. */
export { AppError } from "@ballast/core";
export { buildTreeEnsembleModel, checkModel, readModel, type TreeEnsemble, type TreeNodes } from "@ballast/onnx";
