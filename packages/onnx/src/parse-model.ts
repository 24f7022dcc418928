import { AppError } from "@ballast/core";
import { fromBinary } from "@bufbuild/protobuf";
import { type ModelProto, ModelProtoSchema } from "onnx-buf";

/** An `invalid_input` error about a model file. */
export function modelError(message: string, details?: Record<string, unknown>, cause?: unknown): AppError {
  return new AppError("invalid_input", message, { ...(details && { details }), ...(cause !== undefined && { cause }) });
}

/** First bytes (protobuf tags) with which a ModelProto can start: fields 1-8, 14, 20, 25 and 26. */
const FIRST_BYTES = new Set([0x08, 0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42, 0x72, 0xa2, 0xca, 0xd2]);

/**
 * Decodes an ONNX file (onnx.proto3, `ModelProto`).
 * @throws AppError `invalid_input` when the bytes are empty, not ONNX, or end early.
 */
export function parseModel(bytes: Uint8Array): ModelProto {
  if (bytes.length === 0) throw modelError("The model file is empty.");
  if (!FIRST_BYTES.has(bytes[0] as number)) {
    throw modelError("The model file is not ONNX: it does not start like a ModelProto message.");
  }
  let model: ModelProto;
  try {
    model = fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    throw modelError(
      "The model file cannot be decoded: it is truncated, or it is not an ONNX file. Upload it again.",
      { bytes: bytes.length },
      cause,
    );
  }
  // A cut between two top-level fields still decodes; what a complete model always has shows it.
  if (model.irVersion <= 0n) throw modelError("The model file is not ONNX: it has no ir_version.");
  if (!model.graph) throw modelError("The model file is truncated or not ONNX: it holds no graph.");
  if (model.opsetImport.length === 0) {
    throw modelError("The model file is truncated or not ONNX: it names no operator set.");
  }
  return model;
}
