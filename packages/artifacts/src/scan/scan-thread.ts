/** The body of the scanning thread: scans that are under way at the same time take turns at each piece that is read. */
import { parentPort } from "node:worker_threads";
import { scanFile } from "./scan-file.ts";
import type { ScanReply, ScanRequest } from "./thread-messages.ts";

async function replyTo({ id, path, name }: ScanRequest): Promise<ScanReply> {
  try {
    return { id, scan: await scanFile(path, name) };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : null;
    return { id, message: error instanceof Error ? error.message : String(error), code };
  }
}

parentPort?.on("message", async (request: ScanRequest) => parentPort?.postMessage(await replyTo(request)));
