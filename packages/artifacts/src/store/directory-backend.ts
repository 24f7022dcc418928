import { createReadStream, mkdirSync } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { sumsPath } from "./chunk-sums.ts";
import type { ContentBackend, StoredFile } from "./content-backend.ts";

const DIGEST = /^[0-9a-f]{64}$/;

/** Files in a folder: `<root>/ab/cd/<sha-256>`. They appear there complete or not at all: rename, then fsync of the folder. */
export class DirectoryBackend implements ContentBackend {
  readonly name: string;
  readonly #root: string;

  constructor(root: string) {
    this.name = `directory ${root}`;
    this.#root = root;
    mkdirSync(root, { recursive: true });
  }

  path(digest: string): string {
    return join(this.#root, digest.slice(0, 2), digest.slice(2, 4), digest);
  }

  async take(file: string, digest: string): Promise<void> {
    const folder = join(this.#root, digest.slice(0, 2), digest.slice(2, 4));
    await mkdir(folder, { recursive: true });
    // Also when the digest is there already: a damaged file heals by being put again, and the file is young again.
    await rename(file, join(folder, digest));
    await syncFolder(folder);
  }

  async stat(digest: string): Promise<StoredFile | null> {
    const found = await stat(this.path(digest)).catch(missing);
    return found && { digest, size: found.size, storedAt: found.mtimeMs };
  }

  async local(digest: string): Promise<string | null> {
    const path = this.path(digest);
    return (await stat(path).catch(missing)) === null ? null : path;
  }

  async remote(): Promise<null> {
    return null;
  }

  async dropCopy(): Promise<boolean> {
    return false;
  }

  async *list(): AsyncIterable<StoredFile> {
    for (const first of await hexFolders(this.#root)) {
      for (const second of await hexFolders(join(this.#root, first))) {
        for (const digest of await readdir(join(this.#root, first, second))) {
          if (!DIGEST.test(digest)) continue;
          const file = await this.stat(digest);
          if (file) yield file;
        }
      }
    }
  }

  async remove(digest: string): Promise<void> {
    const path = this.path(digest);
    await rm(path, { force: true });
    await rm(sumsPath(path), { force: true });
  }

  async takePart(file: string, upload: string, part: number): Promise<void> {
    const folder = this.#upload(upload);
    await mkdir(folder, { recursive: true });
    await rename(file, join(folder, String(part)));
    await syncFolder(folder);
  }

  async parts(upload: string): Promise<{ part: number; size: number }[]> {
    const folder = this.#upload(upload);
    const names = await readdir(folder).catch(missing);
    const found = await Promise.all(
      (names ?? []).map(async (name) => ({ part: Number(name), size: (await stat(join(folder, name))).size })),
    );
    return found.sort((a, b) => a.part - b.part);
  }

  readPart(upload: string, part: number): AsyncIterable<Uint8Array> {
    return createReadStream(join(this.#upload(upload), String(part)), { highWaterMark: 256 * 1024 });
  }

  async removeParts(upload: string): Promise<void> {
    await rm(this.#upload(upload), { recursive: true, force: true });
  }

  async staleUploads(before: number): Promise<string[]> {
    const folder = join(this.#root, "uploads");
    const stale: string[] = [];
    for (const upload of (await readdir(folder).catch(missing)) ?? []) {
      const found = await stat(join(folder, upload)).catch(missing);
      if (found && found.mtimeMs < before) stale.push(upload);
    }
    return stale;
  }

  #upload(upload: string): string {
    return join(this.#root, "uploads", upload);
  }
}

async function hexFolders(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => /^[0-9a-f]{2}$/.test(name));
}

/** Null for a file that is not there; other errors are thrown. */
function missing(error: NodeJS.ErrnoException): null {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
  throw error;
}

async function syncFolder(folder: string): Promise<void> {
  const directory = await open(folder, "r");
  await directory.sync().finally(() => directory.close());
}
