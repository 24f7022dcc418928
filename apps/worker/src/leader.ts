import type { Database } from "@ballast/db";

/** Any constant: the key under which workers agree who is the one. */
const WORKER_LOCK = 7_251_994;
const LOOK_AGAIN_MS = 500;

/**
 * Waits until this process is the one worker, by a session lock that PostgreSQL gives up when the process or its
 * connection dies. `onLost` is called if the connection breaks later: another worker may then be the one. The answer gives the
 * connection back, for a worker that stops: closing the database waits for it otherwise.
 */
export async function becomeLeader(db: Database, onLost: () => void): Promise<() => void> {
  const session = await db.sql.reserve();
  for (;;) {
    const [row] = await session<{ mine: boolean }[]>`select pg_try_advisory_lock(${WORKER_LOCK}) as mine`;
    if (row?.mine) break;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
  const heartbeat = setInterval(() => {
    session`select 1`.catch(() => {
      clearInterval(heartbeat);
      onLost();
    });
  }, 1_000);
  heartbeat.unref();
  return () => {
    clearInterval(heartbeat);
    session.release();
  };
}
