import { expect, it } from "vitest";
import { textContent } from "./artifact-preview.ts";

it("takes a cut through a character for text, and zero bytes or broken UTF-8 for none", () => {
  const bytes = new TextEncoder().encode("a,b\n1,é");
  expect(textContent(bytes, false)).toEqual({ kind: "text", text: "a,b\n1,é", truncated: false });
  expect(textContent(bytes.subarray(0, -1), true)).toEqual({ kind: "text", text: "a,b\n1,", truncated: true });
  expect(textContent(bytes.subarray(0, -1), false)).toEqual({ kind: "none", reason: "binary" });
  expect(textContent(Uint8Array.of(65, 0, 66), false)).toEqual({ kind: "none", reason: "binary" });
});
