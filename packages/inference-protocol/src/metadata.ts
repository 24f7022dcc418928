import type { Parameters } from "./infer-request.ts";

/** A tensor in model metadata; −1 is a free dimension. */
export interface TensorMetadata {
  name: string;
  datatype: string;
  shape: number[];
}

/** `$metadata_model_response`. */
export interface ModelMetadata {
  name: string;
  versions: string[];
  platform: string;
  inputs: TensorMetadata[];
  outputs: TensorMetadata[];
  /** Beyond the protocol, as its other messages have them: facts about what is being served. */
  parameters?: Parameters;
}

/** `$metadata_server_response`. `extensions` lists `binary_tensor_data` once that is spoken. */
export function serverMetadata(version: string) {
  return { name: "ballast", version, extensions: [] as string[] };
}

/** ONNX models, in the protocol's words. */
export const ONNX_PLATFORM = "onnx_onnxv1";
