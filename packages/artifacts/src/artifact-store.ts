import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import { access, type FileHandle, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "@ballast/core";
import { toStorageError } from "./storage-error.ts";

/** What a stored artifact is known by. */
export interface StoredArtifact {
  /** Hex SHA-256 of the bytes. */
  digest: string;
  /** Bytes. */
  size: number;
}

export interface PutOptions {
  /** Refuses (`payload_too_large`) a source that grows beyond this many bytes. */
  maxBytes?: number;
  /** Refuses (`unprocessable`) bytes whose SHA-256 is another one. */
  expectedDigest?: string;
}

type Source = Uint8Array | AsyncIterable<Uint8Array>;

const DIGEST = /^[0-9a-f]{64}$/;

/**
 * Content-addressed files in a local folder: `<root>/ab/cd/<sha-256>`. A file appears under its digest only when all
 * its bytes are on disk (temporary file, fsync, rename, fsync of the folder), so a killed writer leaves no half artifact.
 */
export class ArtifactStore {
  readonly root: string;
  readonly #incoming: string;

  constructor(root: string) {
    this.root = root;
    this.#incoming = join(root, "incoming");
    mkdirSync(this.#incoming, { recursive: true });
  }

  /** The file of a digest, whether it is there or not. `invalid_input` for anything that is no hex SHA-256. */
  path(digest: string): string {
    if (!DIGEST.test(digest)) {
      throw new AppError("invalid_input", `"${digest}" is no artifact digest: 64 lower-case hex digits are expected.`);
    }
    return join(this.root, digest.slice(0, 2), digest.slice(2, 4), digest);
  }

  has(digest: string): boolean {
    return existsSync(this.path(digest));
  }

  /** Stores bytes or a stream; the same bytes twice are one file. `storage_full` (507) where the disk is full. */
  async put(source: Source, options: PutOptions = {}): Promise<StoredArtifact> {
    const temporary = join(this.#incoming, randomBytes(12).toString("hex"));
    try {
      const stored = await this.#receive(source, temporary, options);
      await this.#settle(temporary, stored.digest);
      return stored;
    } catch (error) {
      throw toStorageError(error, "The artifact was not stored");
    } finally {
      await rm(temporary, { force: true });
    }
  }

  /** The bytes of a digest, verified. `not_found` where there are none, `unprocessable` where they are damaged. */
  async get(digest: string): Promise<Buffer> {
    const path = this.path(digest);
    await access(path).catch(() => {
      throw new AppError("not_found", `Artifact ${digest} is not in the store.`, { details: { digest } });
    });
    const bytes = await readFile(path);
    const actual = createHash("sha256").update(bytes).digest("hex");
    if (actual !== digest) {
      throw new AppError("unprocessable", `Artifact ${digest} is damaged: its bytes hash to ${actual}.`, {
        details: { digest, actual },
      });
    }
    return bytes;
  }

  async #receive(source: Source, path: string, options: PutOptions): Promise<StoredArtifact> {
    const hash = createHash("sha256");
    let size = 0;
    const file = await open(path, "wx");
    try {
      for await (const chunk of source instanceof Uint8Array ? [source] : source) {
        size += chunk.byteLength;
        if (options.maxBytes !== undefined && size > options.maxBytes) {
          throw new AppError("payload_too_large", `The artifact is larger than ${options.maxBytes} bytes.`, {
            details: { maxBytes: options.maxBytes },
          });
        }
        hash.update(chunk);
        await writeAll(file, chunk);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    const digest = hash.digest("hex");
    if (options.expectedDigest !== undefined && options.expectedDigest !== digest) {
      throw new AppError("unprocessable", `The bytes hash to ${digest}, not to ${options.expectedDigest}.`, {
        details: { digest, expected: options.expectedDigest },
      });
    }
    return { digest, size };
  }

  async #settle(temporary: string, digest: string): Promise<void> {
    const folder = join(this.root, digest.slice(0, 2), digest.slice(2, 4));
    await mkdir(folder, { recursive: true });
    // Also when the digest is there already: a damaged file heals by being put again.
    await rename(temporary, join(folder, digest));
    const directory = await open(folder, "r");
    await directory.sync().finally(() => directory.close());
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  let written = 0;
  while (written < chunk.byteLength) {
    const { bytesWritten } = await file.write(chunk, written, chunk.byteLength - written);
    written += bytesWritten;
  }
}
