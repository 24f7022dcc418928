/** A caller of the gateway, for tests. */
import { setTimeout as wait } from "node:timers/promises";

export interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
  text: string;
}

export class GatewayClient {
  readonly #base: string;
  readonly #token: string;

  constructor(port: number, token: string) {
    this.#base = `http://127.0.0.1:${port}`;
    this.#token = token;
  }

  async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const authorization: Record<string, string> = this.#token === "" ? {} : { authorization: `Bearer ${this.#token}` };
    const raw = typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
    const response = await fetch(`${this.#base}${path}`, {
      method,
      headers: { ...authorization, ...headers },
      ...(body === undefined ? {} : { body: raw as BodyInit }),
    });
    const text = await response.text();
    const json = response.headers.get("content-type")?.includes("json");
    const value = json && text !== "" ? JSON.parse(text) : {};
    return { status: response.status, headers: response.headers, body: value, text };
  }

  post(path: string, body: unknown): Promise<Answer> {
    return this.call("POST", path, body);
  }

  infer(request: unknown, model = "late"): Promise<Answer> {
    return this.post(`/v2/models/${model}/infer`, request);
  }
}

/** One flight as an OIP request. */
export function flight(values: Partial<Record<string, unknown>> = {}, id?: string) {
  const row: Record<string, [string, unknown]> = {
    flight_id: ["INT64", 7],
    origin: ["BYTES", "SEA"],
    destination: ["BYTES", "BOS"],
    departure_utc: ["INT64", Date.UTC(2001, 0, 10, 20)],
    departure_local: ["INT64", Date.UTC(2001, 0, 10, 12)],
    distance: ["FP64", 2496],
  };
  const inputs = Object.entries(row).map(([name, [datatype, value]]) => ({
    name,
    shape: [1],
    datatype,
    data: [name in values ? values[name] : value],
  }));
  return id === undefined ? { inputs } : { id, inputs };
}

/** The prediction in an answer to one row. */
export function prediction(answer: Answer): { y: number; id: string; variant: string; version: string } {
  const [output] = answer.body.outputs as { data: number[] }[];
  const parameters = answer.body.parameters as { prediction_id: string; variant: string };
  return {
    y: output?.data[0] as number,
    id: parameters.prediction_id,
    variant: parameters.variant,
    version: String(answer.body.model_version),
  };
}

/** Waits until `ready` returns something, at most 10 s. */
export async function until<T>(
  ready: () => T | null | undefined | false | Promise<T | null | undefined | false>,
): Promise<T> {
  const end = Date.now() + 10_000;
  for (;;) {
    const value = await ready();
    if (value !== null && value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error("The awaited condition did not come true within 10 s.");
    await wait(10);
  }
}
