import { AppError } from "@ballast/core";

/** Larger bodies carry files, which go to the gateway. */
const MOST_BODY_BYTES = 8 * 1024 * 1024;

/**
 * The body as text, read no further than it may be long: nobody has to sign in to send one.
 * @throws AppError `payload_too_large`
 */
export async function boundedText(request: Request, mostBytes = MOST_BODY_BYTES): Promise<string> {
  const tooLarge = () =>
    new AppError(
      "payload_too_large",
      `A body here may have ${mostBytes / 1024} KiB; files are uploaded to the gateway.`,
    );
  if (Number(request.headers.get("content-length") ?? 0) > mostBytes) throw tooLarge();
  if (request.body === null) return "";
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.length;
    if (size > mostBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
