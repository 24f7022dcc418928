/** The Open Inference Protocol v2, JSON form: requests read and checked, responses written. */
export { DATATYPES, type Datatype, type Element, isDatatype, isNumeric } from "./datatype.ts";
export {
  type InferRequest,
  type InputTensor,
  type Parameters,
  type ParameterValue,
  readInferRequest,
} from "./infer-request.ts";
export { encodeInferResponse, type InferResponse, type OutputTensor, quote } from "./infer-response.ts";
export { type ModelMetadata, ONNX_PLATFORM, serverMetadata, type TensorMetadata } from "./metadata.ts";
export { elementCount } from "./tensor-data.ts";
