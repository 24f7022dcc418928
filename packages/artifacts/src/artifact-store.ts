import { createHash, randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { type FileHandle, open, readdir, readFile, rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "@ballast/core";
import { toStorageError } from "./storage-error.ts";
import { CHUNK_BYTES, ChunkSums, readChecked, readSums, writeSums } from "./store/chunk-sums.ts";
import type { ByteRange, ContentBackend, StoredFile } from "./store/content-backend.ts";
import { DirectoryBackend } from "./store/directory-backend.ts";

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
  /** Refuses (`invalid_input`) a source that ends before or after so many bytes. */
  expectedBytes?: number;
  /** Looks at the received file before anything is stored; what it throws refuses the upload. */
  inspect?: (file: string, size: number) => Promise<void>;
}

/** Bytes on their way to a reader. */
export interface OpenArtifact {
  /** Of the whole artifact. */
  size: number;
  /** What is read of it: everything, or the range asked for, cut at the end of the artifact. */
  range: ByteRange;
  stream: AsyncIterable<Uint8Array>;
}

export type ArtifactSource = Uint8Array | AsyncIterable<Uint8Array>;

const DIGEST = /^[0-9a-f]{64}$/;
/** A range of a file up to this size is verified by hashing all of it. */
const SMALL_BYTES = 4 * CHUNK_BYTES;
/** Node reads no more at once, and no ONNX file can be larger (a protocol buffer ends there, too). */
const MOST_READ_BYTES = 2 ** 31 - 1;
/** Disk kept free for the journal and the database: an upload that announces more than what is left beyond it is refused. */
const KEPT_FREE_BYTES = 256 * 1024 * 1024;

/**
 * Content-addressed files, in a local folder or (with another {@link ContentBackend}) in S3. A file appears under its digest only
 * when all its bytes are on disk (temporary file, fsync, rename), so a killed writer leaves no half artifact. Bytes are
 * streamed and hashed on the way in, and verified on the way out.
 */
export class ArtifactStore {
  readonly root: string;
  readonly backend: ContentBackend;
  readonly #incoming: string;

  /** @param root folder for incoming files, and for the artifacts themselves unless `backend` keeps them */
  constructor(root: string, backend: ContentBackend = new DirectoryBackend(root)) {
    this.root = root;
    this.backend = backend;
    this.#incoming = join(root, "incoming");
    mkdirSync(this.#incoming, { recursive: true });
  }

  /** The local file of a digest, whether it is there or not. `invalid_input` for anything that is no hex SHA-256. */
  path(digest: string): string {
    return this.backend.path(checkedDigest(digest));
  }

  /** The local file of a digest, fetched where artifacts are kept elsewhere. `not_found` where there is none. */
  async localFile(digest: string): Promise<string> {
    const path = await this.backend.local(checkedDigest(digest));
    if (path === null) throw missing(digest);
    return path;
  }

  /**
   * The local files of artifacts, for readers that open files by path. Where artifacts are local anyway nobody looks whether they are
   * there: their reader will; else they are fetched, and one that is missing is left for the reader to miss.
   */
  async localPaths(digests: readonly string[]): Promise<string[]> {
    if (!(this.backend instanceof DirectoryBackend)) {
      for (const digest of digests) await this.backend.local(checkedDigest(digest));
    }
    return digests.map((digest) => this.path(digest));
  }

  async has(digest: string): Promise<boolean> {
    return (await this.stat(digest)) !== null;
  }

  /** Size and age of an artifact; null where there is none. */
  stat(digest: string): Promise<StoredFile | null> {
    return this.backend.stat(checkedDigest(digest));
  }

  /** Stores bytes or a stream; the same bytes twice are one file. `storage_full` (507) where the disk is full. */
  async put(source: ArtifactSource, options: PutOptions = {}): Promise<StoredArtifact> {
    const temporary = this.#temporary();
    try {
      const { sums, ...stored } = await this.#receive(source, temporary, options);
      await options.inspect?.(temporary, stored.size);
      await this.backend.take(temporary, stored.digest, stored.size);
      if (stored.size > SMALL_BYTES) await writeSums(this.backend.path(stored.digest), sums).catch(() => {});
      return stored;
    } catch (error) {
      throw toStorageError(error, "The artifact was not stored");
    } finally {
      await rm(temporary, { force: true });
    }
  }

  /**
   * The bytes of a digest, verified, in memory. `not_found` where there are none, `unprocessable` where they are damaged,
   * `payload_too_large` for more of them than one read takes: those are for {@link open}.
   */
  async get(digest: string): Promise<Buffer> {
    const file = await this.localFile(digest);
    if ((await stat(file)).size > MOST_READ_BYTES) {
      const message = `Artifact ${digest} is larger than ${MOST_READ_BYTES} bytes: it can be kept and downloaded, but not read as a whole.`;
      throw new AppError("payload_too_large", message, { details: { digest, maxBytes: MOST_READ_BYTES } });
    }
    const bytes = await readFile(file);
    const actual = createHash("sha256").update(bytes).digest("hex");
    if (actual === digest) return bytes;
    if (!(await this.backend.dropCopy(digest))) throw damaged(digest, actual);
    const again = await readFile(await this.localFile(digest));
    const second = createHash("sha256").update(again).digest("hex");
    if (second !== digest) throw damaged(digest, second);
    return again;
  }

  /**
   * The bytes of a digest as a stream, all or a range. Verified on the way: of a whole artifact the last piece is held back until
   * its hash is right, of a range each mebibyte is checked before it is given out; the stream throws `unprocessable` instead.
   * `not_found` where there are none; `invalid_input` for a range that begins behind the end.
   */
  async open(digest: string, range: { start: number; end?: number } | null = null): Promise<OpenArtifact> {
    const found = await this.stat(digest);
    if (found === null) throw missing(digest);
    const { size } = found;
    if (range === null) {
      const direct = await this.backend.remote(digest, null);
      const source = direct ?? readWhole(await this.localFile(digest));
      return { size, range: { start: 0, end: size - 1 }, stream: this.#verified(source, digest, direct === null) };
    }
    const wanted = { start: range.start, end: Math.min(range.end ?? size - 1, size - 1) };
    if (wanted.start < 0 || wanted.start > wanted.end) {
      throw new AppError("invalid_input", `The range begins at byte ${range.start}, and the artifact has ${size}.`, {
        details: { field: "range", size },
      });
    }
    const direct = await this.backend.remote(digest, wanted);
    return { size, range: wanted, stream: direct ?? (await this.#checkedRange(digest, size, wanted)) };
  }

  /** Bytes of the local disk that an upload may still take. */
  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.root);
    return Math.max(0, bavail * bsize - KEPT_FREE_BYTES);
  }

  /** Receives a piece of an unfinished upload. `keepCut`: what arrived of a piece that breaks off is kept. */
  async putPart(
    source: AsyncIterable<Uint8Array>,
    upload: string,
    part: number,
    options: { maxBytes: number; keepCut: boolean },
  ): Promise<StoredArtifact & { cut: Error | null }> {
    const temporary = this.#temporary();
    let cut: Error | null = null;
    async function* untilCut() {
      try {
        yield* source;
      } catch (error) {
        cut = error instanceof Error ? error : new Error(String(error));
      }
    }
    try {
      const { digest, size } = await this.#receive(options.keepCut ? untilCut() : source, temporary, options);
      if (size > 0) await this.backend.takePart(temporary, upload, part);
      return { digest, size, cut };
    } catch (error) {
      throw toStorageError(error, "The piece was not stored");
    } finally {
      await rm(temporary, { force: true });
    }
  }

  /** Removes temporary files that a killed process left, untouched since `before` (epoch ms). Answers the bytes freed. */
  async tidyIncoming(before: number): Promise<{ files: number; bytes: number }> {
    const freed = { files: 0, bytes: 0 };
    for (const name of await readdir(this.#incoming)) {
      const path = join(this.#incoming, name);
      const found = await stat(path).catch(() => null);
      if (found === null || found.mtimeMs >= before) continue;
      await rm(path, { force: true, recursive: true });
      freed.files += 1;
      freed.bytes += found.size;
    }
    return freed;
  }

  #temporary(): string {
    return join(this.#incoming, randomBytes(12).toString("hex"));
  }

  async *#verified(source: AsyncIterable<Uint8Array>, digest: string, isLocal: boolean): AsyncGenerator<Uint8Array> {
    const hash = createHash("sha256");
    let held: Uint8Array | null = null;
    for await (const chunk of source) {
      hash.update(chunk);
      if (held !== null) yield held;
      held = chunk;
    }
    const actual = hash.digest("hex");
    if (actual !== digest) {
      if (isLocal) await this.backend.dropCopy(digest);
      throw damaged(digest, actual);
    }
    if (held !== null) yield held;
  }

  async #checkedRange(digest: string, size: number, range: ByteRange): Promise<AsyncIterable<Uint8Array>> {
    if (size <= SMALL_BYTES) {
      const bytes = await this.get(digest);
      return (async function* () {
        yield bytes.subarray(range.start, range.end + 1);
      })();
    }
    const file = await this.localFile(digest);
    const sums = (await readSums(file, size)) ?? (await this.#sum(file, digest));
    return readChecked(file, range, sums, () => damaged(digest, null));
  }

  /** The sums of a file that came here without: all of it is read and verified once. */
  async #sum(file: string, digest: string): Promise<Uint32Array> {
    const sums = new ChunkSums();
    for await (const chunk of this.#verified(readWhole(file), digest, true)) sums.update(chunk);
    const made = sums.end();
    await writeSums(file, made).catch(() => {});
    return made;
  }

  async #receive(
    source: ArtifactSource,
    path: string,
    options: PutOptions,
  ): Promise<StoredArtifact & { sums: Uint32Array }> {
    const hash = createHash("sha256");
    const sums = new ChunkSums();
    let size = 0;
    const file = await open(path, "wx");
    try {
      for await (const chunk of source instanceof Uint8Array ? [source] : source) {
        size += chunk.byteLength;
        if (options.maxBytes !== undefined && size > options.maxBytes) throw tooLarge(options.maxBytes);
        hash.update(chunk);
        sums.update(chunk);
        await writeAll(file, chunk);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    const digest = hash.digest("hex");
    checkExpected(options, digest, size);
    return { digest, size, sums: sums.end() };
  }
}

function checkedDigest(digest: string): string {
  if (DIGEST.test(digest)) return digest;
  throw new AppError("invalid_input", `"${digest}" is no artifact digest: 64 lower-case hex digits are expected.`);
}

function checkExpected(options: PutOptions, digest: string, size: number): void {
  if (options.expectedBytes !== undefined && options.expectedBytes !== size) {
    throw new AppError("invalid_input", `${options.expectedBytes} bytes were announced and ${size} came.`, {
      details: { field: "size", expected: options.expectedBytes, actual: size },
    });
  }
  if (options.expectedDigest !== undefined && options.expectedDigest !== digest) {
    throw new AppError("unprocessable", `The bytes hash to ${digest}, not to ${options.expectedDigest}.`, {
      details: { digest, expected: options.expectedDigest },
    });
  }
}

function tooLarge(maxBytes: number): AppError {
  return new AppError("payload_too_large", `The artifact is larger than ${maxBytes} bytes.`, { details: { maxBytes } });
}

function missing(digest: string): AppError {
  return new AppError("not_found", `Artifact ${digest} is not in the store.`, { details: { digest } });
}

function damaged(digest: string, actual: string | null): AppError {
  const found = actual === null ? "a part of it has another checksum" : `its bytes hash to ${actual}`;
  return new AppError("unprocessable", `Artifact ${digest} is damaged: ${found}.`, {
    details: actual === null ? { digest } : { digest, actual },
  });
}

async function* readWhole(path: string): AsyncGenerator<Buffer> {
  const file = await open(path, "r");
  try {
    for (let at = 0; ; ) {
      const bytes = Buffer.allocUnsafe(READ_BYTES);
      const { bytesRead } = await file.read(bytes, 0, READ_BYTES, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield bytes.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

const READ_BYTES = 256 * 1024;

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  let written = 0;
  while (written < chunk.byteLength) {
    const { bytesWritten } = await file.write(chunk, written, chunk.byteLength - written);
    written += bytesWritten;
  }
}
