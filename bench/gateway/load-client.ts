/**
 * The load client, a process of its own: keep-alive sockets, each sending its next request when the last is answered.
 * It parses no more of HTTP than both servers send, so that it costs little of the machine it shares with them.
 */
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";

export interface LoadRequest {
  port: number;
  path: string;
  token: string;
  connections: number;
  ms: number;
  /** Request bodies, sent in turn. */
  bodies: string[];
}
export interface LoadResult {
  answered: number;
  /** Answers whose status was not 200. */
  failed: number;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
}

const HEAD_END = Buffer.from("\r\n\r\n");

function requestsOf({ path, token, bodies }: LoadRequest): Buffer[] {
  return bodies.map((body) =>
    Buffer.from(
      `POST ${path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    ),
  );
}

/** Length of the first whole response in the bytes, 0 while there is none. */
function responseLength(bytes: Buffer): number {
  const head = bytes.indexOf(HEAD_END);
  if (head === -1) return 0;
  const match = /content-length: (\d+)/i.exec(bytes.toString("latin1", 0, head));
  const length = head + 4 + Number(match?.[1] ?? 0);
  return bytes.length >= length ? length : 0;
}

function load(request: LoadRequest): Promise<LoadResult> {
  const requests = requestsOf(request);
  const times: number[] = [];
  let failed = 0;
  let next = 0;
  const started = performance.now();
  const end = started + request.ms;
  const drive = () =>
    new Promise<void>((resolve, reject) => {
      let pending: Buffer = Buffer.alloc(0);
      let sentAt = 0;
      const socket: Socket = connect(request.port, "127.0.0.1");
      socket.setNoDelay(true);
      const send = () => {
        sentAt = performance.now();
        socket.write(requests[next++ % requests.length] as Buffer);
      };
      socket.on("connect", send);
      socket.on("error", reject);
      socket.on("data", (chunk: Buffer) => {
        pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
        const length = responseLength(pending);
        if (length === 0) return;
        const now = performance.now();
        times.push(now - sentAt);
        // "HTTP/1.1 200"
        if (pending[9] !== 0x32) failed++;
        pending = pending.subarray(length);
        if (now < end) return send();
        socket.destroy();
        resolve();
      });
    });
  return Promise.all(Array.from({ length: request.connections }, drive)).then(() => {
    const seconds = (performance.now() - started) / 1000;
    const sorted = Float64Array.from(times).sort();
    const quantile = (p: number) => sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? 0;
    return {
      answered: times.length,
      failed,
      perSecond: times.length / seconds,
      p50Ms: quantile(0.5),
      p99Ms: quantile(0.99),
    };
  });
}

for await (const line of createInterface({ input: process.stdin })) {
  const requests: LoadRequest[] = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(await Promise.all(requests.map(load)))}\n`);
}
