import type { Datatype, Element } from "./datatype.ts";
import type { Parameters } from "./infer-request.ts";

export interface OutputTensor {
  name: string;
  datatype: Datatype;
  shape: readonly number[];
  /** Row-major; every number finite. */
  data: ArrayLike<Element>;
}

export interface InferResponse {
  modelName: string;
  modelVersion: string;
  /** Echo of the request's id; null leaves it out. */
  id: string | null;
  parameters: Parameters;
  outputs: readonly OutputTensor[];
}

/** A JSON string literal; short plain text, the usual case, without a call into the serialiser. */
export function quote(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}
const PLAIN = /^[\w\-./: ]*$/;

function elements(data: ArrayLike<Element>): string {
  let json = "";
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as Element;
    json += `${i === 0 ? "" : ","}${typeof value === "string" ? quote(value) : String(value)}`;
  }
  return json;
}

/** The JSON of an OIP v2 infer response (`$inference_response`). */
export function encodeInferResponse(response: InferResponse): string {
  let outputs = "";
  for (const { name, datatype, shape, data } of response.outputs) {
    outputs += `${outputs === "" ? "" : ","}{"name":${quote(name)},"datatype":"${datatype}","shape":[${shape.join(",")}],"data":[${elements(data)}]}`;
  }
  let parameters = "";
  for (const key of Object.keys(response.parameters)) {
    const value = response.parameters[key] as Element;
    parameters += `${parameters === "" ? "" : ","}${quote(key)}:${typeof value === "string" ? quote(value) : String(value)}`;
  }
  const id = response.id === null ? "" : `"id":${quote(response.id)},`;
  return `{"model_name":${quote(response.modelName)},"model_version":${quote(response.modelVersion)},${id}"parameters":{${parameters}},"outputs":[${outputs}]}`;
}
