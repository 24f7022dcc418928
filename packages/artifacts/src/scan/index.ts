/** What is looked for in uploaded files before they are stored. */
export { type FileScan, scanFile } from "./scan-file.ts";
