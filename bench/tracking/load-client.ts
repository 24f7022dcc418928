/**
 * The load client, a process of its own: keep-alive sockets, each sending its next request when the last is answered. Bodies are put
 * together as they are sent, because no two batches may hold the same points. It parses no more of HTTP than both servers send.
 */
import { connect } from "node:net";
import { createInterface } from "node:readline";

export interface TrackingLoad {
  port: number;
  token: string;
  connections: number;
  ms: number;
  work:
    | {
        kind: "log-batch" /** One per connection. */;
        runIds: string[];
        metrics: number;
        keys: number;
        firstStep: number;
      }
    | { kind: "create-run"; experimentId: string }
    | { kind: "search"; body: string };
}
export interface TrackingResult {
  answered: number;
  /** Answers whose status was not 200, and connections that ended without one. */
  failed: number;
  /** What the first of these said. */
  failure: string | null;
  /** Answers with status 200. */
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** Batches that a connection sent at most: the next round's first step lies behind them. */
  steps: number;
  bytes: number;
}

const API = "/api/2.0/mlflow";
const HEAD_END = Buffer.from("\r\n\r\n");

/** `metrics` values over `keys` keys: a step of each, then the next step of each. */
function batchBody(
  runId: string,
  n: number,
  { metrics, keys, firstStep }: { metrics: number; keys: number; firstStep: number },
) {
  const timestamp = 1_764_000_000_000 + n;
  const steps = Math.ceil(metrics / keys);
  let body = `{"run_id":"${runId}","metrics":[`;
  for (let i = 0; i < metrics; i++) {
    const step = firstStep + n * steps + Math.floor(i / keys);
    const value = ((i * 7_919 + n * 104_729) % 1_000_003) / 1_000_003;
    body += `${i > 0 ? "," : ""}{"key":"metric_${i % keys}","value":${value},"timestamp":${timestamp},"step":${step}}`;
  }
  return `${body}],"params":[],"tags":[]}`;
}

function runBody(experimentId: string, n: number): string {
  const tags = {
    "mlflow.user": "bench",
    "mlflow.source.name": "train.py",
    "mlflow.source.type": "LOCAL",
    "mlflow.runName": `run-${n}`,
  };
  return JSON.stringify({
    ...{ experiment_id: experimentId, user_id: "bench", run_name: `run-${n}`, start_time: 1_764_000_000_000 + n },
    tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
  });
}

function nextRequest(load: TrackingLoad, connection: number, n: number): { path: string; body: string } {
  const { work } = load;
  switch (work.kind) {
    case "log-batch":
      return { path: `${API}/runs/log-batch`, body: batchBody(work.runIds[connection] ?? "", n, work) };
    case "create-run":
      return { path: `${API}/runs/create`, body: runBody(work.experimentId, n) };
    case "search":
      return { path: `${API}/runs/search`, body: work.body };
  }
}

/** Length of the first whole response in the bytes, 0 while there is none. */
function responseLength(bytes: Buffer): number {
  const head = bytes.indexOf(HEAD_END);
  if (head === -1) return 0;
  const match = /content-length: (\d+)/i.exec(bytes.toString("latin1", 0, head));
  if (!match) throw new Error(`A response without a length: ${bytes.toString("latin1", 0, head)}`);
  const length = head + 4 + Number(match[1]);
  return bytes.length >= length ? length : 0;
}

class Tally {
  readonly times: number[] = [];
  failed = 0;
  failure: string | null = null;
  steps = 0;
  bytes = 0;

  add(response: Buffer, ms: number, n: number): void {
    this.times.push(ms);
    this.bytes += response.length;
    this.steps = Math.max(this.steps, n);
    // "HTTP/1.1 200"
    if (response[9] !== 0x32) this.fail(response.toString("utf8", 0, 1_000));
  }

  fail(reason: string): void {
    this.failed++;
    this.failure ??= reason;
  }
}

/** How long a connection waits before it connects again to a server that hung up. */
const RECONNECT_MS = 200;

function drive(load: TrackingLoad, connection: number, end: number, tally: Tally): Promise<void> {
  let n = 0;
  const once = () =>
    new Promise<void>((resolve) => {
      const chunks: Buffer[] = [];
      let sentAt = 0;
      const socket = connect(load.port, "127.0.0.1");
      socket.setNoDelay(true);
      const send = () => {
        const { path, body } = nextRequest(load, connection, n++);
        sentAt = performance.now();
        socket.write(
          `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${load.port}\r\nAuthorization: Bearer ${load.token}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
        );
      };
      let done = false;
      const hungUp = (reason: string) => {
        if (!done) tally.fail(reason);
        done = true;
        resolve();
      };
      socket.on("connect", send);
      socket.on("error", (error) => hungUp(error.message));
      socket.on("close", () => hungUp("the server hung up"));
      socket.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        const bytes = chunks.length === 1 ? chunk : Buffer.concat(chunks);
        chunks.length = 0;
        if (responseLength(bytes) === 0) {
          chunks.push(bytes);
          return;
        }
        tally.add(bytes, performance.now() - sentAt, n);
        if (performance.now() < end) return send();
        done = true;
        socket.destroy();
        resolve();
      });
    });
  const again = async (): Promise<void> => {
    await once();
    if (performance.now() >= end) return;
    await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
    return again();
  };
  return again();
}

async function run(load: TrackingLoad): Promise<TrackingResult> {
  const tally = new Tally();
  const started = performance.now();
  const end = started + load.ms;
  await Promise.all(Array.from({ length: load.connections }, (_, i) => drive(load, i, end, tally)));
  const seconds = (performance.now() - started) / 1000;
  const sorted = Float64Array.from(tally.times).sort();
  const quantile = (p: number) => sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? 0;
  const { failed, failure, steps, bytes } = tally;
  const answered = sorted.length;
  return {
    ...{ answered, failed, failure, steps, bytes },
    ...{ perSecond: Math.max(0, answered - failed) / seconds, p50Ms: quantile(0.5), p99Ms: quantile(0.99) },
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await run(JSON.parse(line)))}\n`);
}
