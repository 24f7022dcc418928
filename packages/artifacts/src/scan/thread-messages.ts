import type { FileScan } from "./scan-file.ts";

/** A file to be looked into. */
export interface ScanRequest {
  id: number;
  path: string;
  name: string;
}

/** What became of the request of the same id. */
export type ScanReply =
  | { id: number; scan: FileScan | null }
  /** What reading the file threw; `code` is the system's, where it has one. */
  | { id: number; message: string; code: string | null };
