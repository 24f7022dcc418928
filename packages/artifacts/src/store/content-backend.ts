/** What a listing says of a stored file. */
export interface StoredFile {
  digest: string;
  /** Bytes. */
  size: number;
  /** When its bytes were last put, epoch ms. */
  storedAt: number;
}

/** An inclusive range of bytes. */
export interface ByteRange {
  start: number;
  end: number;
}

/** Where content lies, by the hex SHA-256 of its bytes. Callers have checked the digest's form. */
export interface ContentBackend {
  /** For people: `directory /data/artifacts`, `s3://bucket/prefix`. */
  readonly name: string;
  /** The file of a digest on this machine, whether it is there or not; for a remote back end its place in the cache. */
  path(digest: string): string;
  /** Takes over a file whose bytes are on disk and hash to the digest; it is gone from `file` afterwards. */
  take(file: string, digest: string, size: number): Promise<void>;
  /** Size and age, or null where there are no such bytes. */
  stat(digest: string): Promise<StoredFile | null>;
  /** The path of a complete local copy, fetched if need be; null where there are no such bytes. */
  local(digest: string): Promise<string | null>;
  /**
   * Bytes straight from where they are kept, for a file too large to copy first; null where a local copy is to be read instead
   * (`local`). The bytes are not verified.
   */
  remote(digest: string, range: ByteRange | null): Promise<AsyncIterable<Uint8Array> | null>;
  /** Forgets a local copy that turned out damaged; false where it was the only one. */
  dropCopy(digest: string): Promise<boolean>;
  /** Every stored file, in no order. */
  list(): AsyncIterable<StoredFile>;
  /** Removes the bytes; nothing happens where there are none. */
  remove(digest: string): Promise<void>;
  /** Keeps a piece of an unfinished upload under a name of `[a-z0-9_-]`; it is gone from `file` afterwards. */
  takePart(file: string, upload: string, part: number): Promise<void>;
  /** The pieces of an unfinished upload by number, ascending. */
  parts(upload: string): Promise<{ part: number; size: number }[]>;
  /** The bytes of one piece. */
  readPart(upload: string, part: number): AsyncIterable<Uint8Array>;
  /** Forgets an unfinished upload. */
  removeParts(upload: string): Promise<void>;
  /** Unfinished uploads whose newest piece is older than `before` (epoch ms). */
  staleUploads(before: number): Promise<string[]>;
}
