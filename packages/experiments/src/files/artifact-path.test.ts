import { describe, expect, test } from "vitest";
import { artifactFolder, artifactPath } from "./artifact-path.ts";

describe("a path below an artifact root", () => {
  test.each([
    ["model/MLmodel", "model/MLmodel"],
    ["a b/ü.txt", "a b/ü.txt"],
    ["folder/", "folder"],
    ["100%.txt", "100%.txt"],
    ["a%20b.txt", "a%20b.txt"],
    ["..hidden", "..hidden"],
    ["a:b.txt", "a:b.txt"],
  ])("%s is kept as %s", (given, kept) => expect(artifactPath(given)).toBe(kept));

  test.each([
    "",
    "/",
    "/etc/passwd",
    "..",
    "../x",
    "a/../../x",
    "a/./b",
    "a//b",
    "a\\b",
    "..\\x",
    "C:/x",
    "c:",
    "%2e%2e/x",
    "%252e%252e%252fx",
    "%2fetc",
    "a%5cb",
    "a%00b",
    "a\u0000b",
    "a\nb",
    "\ud800",
    "x".repeat(256),
    "é".repeat(128),
    Array.from({ length: 600 }, () => "a").join("/"),
  ])("%j is refused", (given) =>
    expect(() => artifactPath(given)).toThrowError(
      expect.objectContaining({ code: "invalid_input", details: { field: "path" } }),
    ),
  );

  test("a folder may be the root", () => {
    expect(["", "/", ".", "a/"].map((folder) => artifactFolder(folder))).toEqual(["", "", "", "a"]);
    expect(() => artifactFolder("a/../..")).toThrowError(/path/);
  });
});
