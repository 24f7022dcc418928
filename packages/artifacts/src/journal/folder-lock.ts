import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "@ballast/core";

interface Owner {
  pid: number;
  /** Tells two processes with the same id apart; null where the system does not say. */
  birth: string | null;
  nonce: string;
}

/** Locks held by this process: a lock with our own id that is not in here is left over from an earlier process. */
const held = new Set<string>();

/** Field 22 of /proc/<pid>/stat: the start time in ticks since boot. */
function birthOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${boot}/${stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]}`;
  } catch {
    return null;
  }
}

function isAlive(owner: Owner): boolean {
  if (held.has(owner.nonce)) return true;
  if (owner.pid === process.pid) return false;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
  }
  return owner.birth === null || owner.birth === birthOf(owner.pid);
}

function readOwner(path: string): Owner | null {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Owner;
  } catch {
    return null;
  }
}

/** Moves a dead owner's lock aside; puts it back if another process was faster and it is alive. */
function clearStale(path: string): void {
  const aside = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  const moved = readOwner(aside);
  if (moved && isAlive(moved)) {
    try {
      linkSync(aside, path);
    } catch {
      // A third process took the place; whoever holds it now decides.
    }
  }
  rmSync(aside, { force: true });
}

/** A folder's one owner. A lock whose process is gone is taken over; `conflict` while it lives. */
export class FolderLock {
  readonly #path: string;
  readonly #nonce: string;

  constructor(folder: string) {
    this.#path = join(folder, "lock");
    this.#nonce = randomBytes(12).toString("hex");
    const owner: Owner = { pid: process.pid, birth: birthOf(process.pid), nonce: this.#nonce };
    const mine = `${this.#path}.${this.#nonce}`;
    writeFileSync(mine, JSON.stringify(owner));
    try {
      this.#acquire(folder, mine);
    } finally {
      rmSync(mine, { force: true });
    }
  }

  #acquire(folder: string, mine: string): void {
    for (let attempt = 0; attempt < 5; attempt++) {
      try {
        // link() is the atomic "create with these contents, unless it exists".
        linkSync(mine, this.#path);
        held.add(this.#nonce);
        return;
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
      }
      const current = readOwner(this.#path);
      if (current && isAlive(current)) {
        throw new AppError(
          "conflict",
          `${folder} belongs to process ${current.pid}. Stop it, or give this one its own folder.`,
        );
      }
      clearStale(this.#path);
    }
    throw new AppError("conflict", `${folder} is being taken over by several processes at once.`);
  }

  release(): void {
    held.delete(this.#nonce);
    if (readOwner(this.#path)?.nonce === this.#nonce) rmSync(this.#path, { force: true });
  }
}
