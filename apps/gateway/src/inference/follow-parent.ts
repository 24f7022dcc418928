/** Ends an inference process whose gateway is gone: in the middle of a run its own thread would not notice. */
import { workerData } from "node:worker_threads";

const CHECK_EVERY_MS = 1_000;

setInterval(() => {
  if (process.ppid !== workerData) process.kill(process.pid, "SIGKILL");
}, CHECK_EVERY_MS);
