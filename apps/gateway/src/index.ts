/** The gateway: predictions, feature push and lookup, outcomes, watermark, uploads and metrics on one port. */
import { join } from "node:path";
import { openArtifactStore } from "@ballast/artifacts";
import { createLogger, readEnv, requireEnv, toAppError } from "@ballast/core";
import { createDatabase } from "@ballast/db";
import { readInstallation } from "@ballast/governance/server";
import { type RunningGateway, startGateway } from "./start-gateway.ts";

export type { GatewayOptions } from "./gateway-options.ts";
export { ROUTES, type Route, type RouteName } from "./routes.ts";
export { type RunningGateway, startGateway } from "./start-gateway.ts";

const log = createLogger("gateway");

async function main(): Promise<void> {
  const env = readEnv();
  const url = requireEnv("BALLAST_APP_DATABASE_URL");
  const database = createDatabase(url, { max: 4, prepare: true });
  const trackingDatabase = createDatabase(url, { max: 8, prepare: true });
  const gateway: RunningGateway = await startGateway({
    home: requireEnv("BALLAST_HOME"),
    database,
    trackingDatabase,
    secret: requireEnv("BALLAST_SECRET"),
    artifacts: openArtifactStore(env, join(requireEnv("BALLAST_HOME"), "artifacts")),
    webhookHosts: readInstallation().webhookHosts,
    ...(env.BALLAST_MAX_UPLOAD_BYTES === undefined ? {} : { maxUploadBytes: env.BALLAST_MAX_UPLOAD_BYTES }),
    ...(env.BALLAST_WEB_URL === undefined ? {} : { webUrl: env.BALLAST_WEB_URL }),
    ...(env.BALLAST_GATEWAY_PORT === undefined ? {} : { port: env.BALLAST_GATEWAY_PORT }),
  });
  log.info("listening", { port: gateway.port, pid: process.pid });
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    gateway
      .close()
      .then(() => Promise.all([database.close(), trackingDatabase.close()]))
      .then(
        () => process.exit(0),
        (error: unknown) => {
          log.error("the gateway did not stop cleanly", { error: toAppError(error) });
          process.exit(1);
        },
      );
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}

if (import.meta.main) {
  main().catch((error: unknown) => {
    log.error(toAppError(error).message, { error });
    process.exit(1);
  });
}
