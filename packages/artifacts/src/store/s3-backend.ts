import { createHash, randomBytes } from "node:crypto";
import { createReadStream, mkdirSync } from "node:fs";
import { open, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { AppError, createLogger, toAppError } from "@ballast/core";
import type { ByteRange, ContentBackend, StoredFile } from "./content-backend.ts";
import { DirectoryBackend } from "./directory-backend.ts";
import { S3Client, type S3Settings } from "./s3-client.ts";

const log = createLogger("artifacts");
const MIB = 1024 * 1024;

export interface S3Limits {
  /** Files larger than this are sent in parts of this size, bytes. S3 takes 5 GiB at once, and 10,000 parts. */
  partBytes: number;
  /** Ranges of files up to this size are read from a whole, verified local copy. */
  wholeBytes: number;
  /** Bytes of local copies that are kept; what was not used for an hour goes first. */
  cacheBytes: number;
}
const LIMITS: S3Limits = { partBytes: 512 * MIB, wholeBytes: 64 * MIB, cacheBytes: 20 * 1024 * MIB };
const USED_MS = 3_600_000;
const TRIM_EVERY_MS = 10 * 60_000;
const PATIENCE_MS = 5 * 60_000;

/**
 * Content in a bucket of S3 or of a server that speaks its API: `<prefix>/objects/ab/<sha-256>`. What was put or read here is also a
 * local copy, for DuckDB and ONNX Runtime, which open files by path. A copy is fetched whole and verified before it can be seen.
 */
export class S3Backend implements ContentBackend {
  readonly name: string;
  readonly #s3: S3Client;
  readonly #cache: DirectoryBackend;
  readonly #incoming: string;
  readonly #limits: S3Limits;
  readonly #fetching = new Map<string, Promise<string | null>>();
  #trimmedAt = Date.now();

  /** @param root local folder for copies and files on their way */
  constructor(root: string, settings: S3Settings, limits: Partial<S3Limits> = {}) {
    this.name = `s3://${settings.bucket}${settings.prefix === "" ? "" : `/${settings.prefix}`}`;
    this.#s3 = new S3Client(settings);
    this.#cache = new DirectoryBackend(join(root, "cache"));
    this.#incoming = join(root, "incoming");
    this.#limits = { ...LIMITS, ...limits };
    mkdirSync(this.#incoming, { recursive: true });
  }

  path(digest: string): string {
    return this.#cache.path(digest);
  }

  async take(file: string, digest: string, size: number): Promise<void> {
    // Sent also where it is there already: that makes it young again, and heals it.
    if (size <= this.#limits.partBytes) {
      const body = size === 0 ? "" : { file, start: 0, end: size - 1 };
      await this.#s3.text("PUT", keyOf(digest), { body, sha256: digest });
    } else await this.#sendParts(file, keyOf(digest), size);
    await this.#cache.take(file, digest);
    this.#trimSoon();
  }

  async stat(digest: string): Promise<StoredFile | null> {
    const found = await this.#s3.text("HEAD", keyOf(digest));
    if (found === null) return null;
    const storedAt = Date.parse(String(found.headers["last-modified"]));
    return { digest, size: Number(found.headers["content-length"]), storedAt };
  }

  async local(digest: string): Promise<string | null> {
    const path = await this.#cache.local(digest);
    if (path !== null) {
      const now = new Date();
      await utimes(path, now, now).catch(() => {});
      return path;
    }
    const known = this.#fetching.get(digest);
    if (known) return known;
    const fetching = this.#fetch(digest).finally(() => this.#fetching.delete(digest));
    this.#fetching.set(digest, fetching);
    return fetching;
  }

  async remote(digest: string, range: ByteRange | null): Promise<AsyncIterable<Uint8Array> | null> {
    if ((await this.#cache.local(digest)) !== null) return null;
    const found = await this.stat(digest);
    if (found === null || found.size <= this.#limits.wholeBytes) return null;
    const headers: Record<string, string> = range === null ? {} : { Range: `bytes=${range.start}-${range.end}` };
    return this.#s3.open("GET", keyOf(digest), { headers });
  }

  async dropCopy(digest: string): Promise<boolean> {
    await this.#cache.remove(digest);
    return true;
  }

  async *list(): AsyncIterable<StoredFile> {
    for await (const { key, size, storedAt } of this.#keys("objects/")) {
      const digest = key.slice(key.lastIndexOf("/") + 1);
      if (/^[0-9a-f]{64}$/.test(digest)) yield { digest, size, storedAt };
    }
  }

  async remove(digest: string): Promise<void> {
    await this.#s3.text("DELETE", keyOf(digest));
    await this.#cache.remove(digest);
  }

  async takePart(file: string, upload: string, part: number): Promise<void> {
    const { size } = await stat(file);
    await this.#s3.text("PUT", `uploads/${upload}/${part}`, { body: { file, start: 0, end: size - 1 } });
    await rm(file, { force: true });
  }

  async parts(upload: string): Promise<{ part: number; size: number }[]> {
    const found: { part: number; size: number }[] = [];
    for await (const { key, size } of this.#keys(`uploads/${upload}/`)) {
      found.push({ part: Number(key.slice(key.lastIndexOf("/") + 1)), size });
    }
    return found.sort((a, b) => a.part - b.part);
  }

  async *readPart(upload: string, part: number): AsyncIterable<Uint8Array> {
    const response = await this.#s3.open("GET", `uploads/${upload}/${part}`);
    if (response === null) throw new AppError("not_found", `Part ${part} of upload ${upload} is not in the store.`);
    yield* response;
  }

  async removeParts(upload: string): Promise<void> {
    for (const { part } of await this.parts(upload)) await this.#s3.text("DELETE", `uploads/${upload}/${part}`);
  }

  async staleUploads(before: number): Promise<string[]> {
    const newest = new Map<string, number>();
    for await (const { key, storedAt } of this.#keys("uploads/")) {
      const upload = key.split("/").at(-2) ?? "";
      newest.set(upload, Math.max(newest.get(upload) ?? 0, storedAt));
    }
    return [...newest].filter(([, storedAt]) => storedAt < before).map(([upload]) => upload);
  }

  async *#keys(below: string): AsyncGenerator<{ key: string; size: number; storedAt: number }> {
    for (let token: string | undefined; ; ) {
      const query = {
        "list-type": "2",
        prefix: this.#s3.keyWithPrefix(below),
        ...(token ? { "continuation-token": token } : {}),
      };
      const page = (await this.#s3.text("GET", "", { query }))?.body ?? "";
      for (const [, entry = ""] of page.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
        const value = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(entry)?.[1] ?? "";
        yield { key: value("Key"), size: Number(value("Size")), storedAt: Date.parse(value("LastModified")) };
      }
      token = /<NextContinuationToken>([^<]*)</.exec(page)?.[1];
      if (!token) return;
    }
  }

  async #sendParts(file: string, key: string, size: number): Promise<void> {
    const created = await this.#s3.text("POST", key, { query: { uploads: "" } });
    const [, uploadId] = /<UploadId>([^<]*)<\/UploadId>/.exec(created?.body ?? "") ?? [];
    if (uploadId === undefined) throw new AppError("unavailable", "S3 began no multipart upload.");
    try {
      const etags: string[] = [];
      for (let start = 0; start < size; start += this.#limits.partBytes) {
        const end = Math.min(size, start + this.#limits.partBytes) - 1;
        const query = { partNumber: String(etags.length + 1), uploadId };
        const sent = await this.#s3.text("PUT", key, {
          query,
          body: { file, start, end },
          sha256: await hashOf(file, start, end),
        });
        etags.push(String(sent?.headers.etag));
      }
      const parts = etags.map((etag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${etag}</ETag></Part>`);
      const body = `<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`;
      await this.#s3.text("POST", key, { query: { uploadId }, body });
    } catch (error) {
      await this.#s3.text("DELETE", key, { query: { uploadId } }).catch(() => {});
      throw error;
    }
  }

  async #fetch(digest: string): Promise<string | null> {
    const response = await this.#s3.open("GET", keyOf(digest));
    if (response === null) return null;
    response.setTimeout(PATIENCE_MS, () => response.destroy(new Error("S3 fell silent")));
    const temporary = join(this.#incoming, randomBytes(12).toString("hex"));
    try {
      const hash = createHash("sha256");
      const file = await open(temporary, "wx");
      await pipeline(
        response,
        async function* (source: AsyncIterable<Buffer>) {
          for await (const chunk of source) {
            hash.update(chunk);
            yield chunk;
          }
        },
        file.createWriteStream({ flush: true }),
      );
      const actual = hash.digest("hex");
      if (actual !== digest) {
        throw new AppError("unprocessable", `Artifact ${digest} is damaged: its bytes hash to ${actual}.`, {
          details: { digest, actual },
        });
      }
      await this.#cache.take(temporary, digest);
      this.#trimSoon();
      return this.#cache.path(digest);
    } finally {
      await rm(temporary, { force: true });
    }
  }

  #trimSoon(): void {
    if (Date.now() - this.#trimmedAt < TRIM_EVERY_MS) return;
    this.#trimmedAt = Date.now();
    this.trimCache().catch((error: unknown) => log.warn("local copies were not cleared", { error: toAppError(error) }));
  }

  /** Removes the copies that were used longest ago, until the rest fits. What was used in the last hour may be open, and stays. */
  async trimCache(now = Date.now()): Promise<void> {
    const copies: StoredFile[] = [];
    for await (const copy of this.#cache.list()) copies.push(copy);
    let bytes = copies.reduce((sum, copy) => sum + copy.size, 0);
    for (const copy of copies.sort((a, b) => a.storedAt - b.storedAt)) {
      if (bytes <= this.#limits.cacheBytes || copy.storedAt > now - USED_MS) return;
      await this.#cache.remove(copy.digest);
      bytes -= copy.size;
    }
  }
}

const keyOf = (digest: string) => `objects/${digest.slice(0, 2)}/${digest}`;

async function hashOf(file: string, start: number, end: number): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file, { start, end })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
