import { expect, it } from "vitest";
import { plainMarkdown } from "./plain-markdown.ts";

it("keeps the words of a text in Markdown and drops its marks", () => {
  const text = "# Screens **tumours**\n\n- see [the paper](https://example.com), `v2` and _why_\n> mean_radius * 2";
  expect(plainMarkdown(text)).toBe("Screens tumours see the paper, v2 and why mean_radius * 2");
});
