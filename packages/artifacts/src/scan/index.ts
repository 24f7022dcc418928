/** What is looked for in uploaded files before they are stored. */
export type { FileScan } from "./scan-file.ts";
export { scanInThread } from "./scan-in-thread.ts";
