import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { AppError } from "@ballast/core";
import { Gateway } from "./gateway.ts";
import type { GatewayOptions } from "./gateway-options.ts";
import { createGatewayServer } from "./http/server.ts";

export interface RunningGateway {
  port: number;
  /** Stops accepting, answers what is under way, scores what is owed, flushes and seals the journals. */
  close(): Promise<void>;
}

/** How long answers under way may take once the gateway stops. */
const DRAIN_MS = 10_000;

/**
 * Starts a gateway. It listens once routes and online features are loaded (from the snapshot on disk if the database is
 * away). Throws `conflict` for a port in use, and for a journal that another process owns.
 */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const gateway = new Gateway(options);
  await gateway.start().catch(async (error: unknown) => {
    await gateway.close();
    throw error;
  });
  const server = createGatewayServer(gateway);
  server.listen(gateway.settings.port, gateway.settings.host);
  try {
    await once(server, "listening");
  } catch (error) {
    await gateway.close();
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
      throw new AppError(
        "conflict",
        `Port ${gateway.settings.port} is in use. Choose another with BALLAST_GATEWAY_PORT.`,
      );
    }
    throw error;
  }
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      gateway.drain();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const late = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
      // A connection that becomes idle after its last answer is not closed by itself.
      const idle = setInterval(() => server.closeIdleConnections(), 50);
      await closed;
      clearTimeout(late);
      clearInterval(idle);
      await gateway.close();
    },
  };
}
