import { expect, it } from "vitest";
import { takesText } from "./typing.ts";

it("leaves letters to fields that take text, and to nothing else", () => {
  const inputs = ["text", "search", "email", "number", "date", undefined, "checkbox", "radio", "button"];
  expect(inputs.filter((type) => takesText({ tagName: "INPUT", type }))).toEqual(inputs.slice(0, 6));
  expect(["TEXTAREA", "SELECT", "BUTTON", "A"].filter((tagName) => takesText({ tagName }))).toEqual([
    "TEXTAREA",
    "SELECT",
  ]);
});
