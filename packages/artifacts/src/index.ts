/** The bytes of the house: a content-addressed store of files, and the journal that gateways append to. */
export {
  type ArtifactSource,
  ArtifactStore,
  type OpenArtifact,
  type PutOptions,
  type StoredArtifact,
} from "./artifact-store.ts";
export { FolderLock } from "./journal/folder-lock.ts";
export { walkFrames } from "./journal/frame.ts";
export { JournalWriter, type JournalWriterOptions } from "./journal/journal-writer.ts";
export {
  describeSegment,
  listSegments,
  readSegment,
  type SealedSegment,
  type SegmentContents,
  syncSegment,
} from "./journal/read-segment.ts";
export * from "./journal/records.ts";
export { openArtifactStore } from "./open-store.ts";
export { toStorageError } from "./storage-error.ts";
export type { ByteRange, ContentBackend, StoredFile } from "./store/content-backend.ts";
