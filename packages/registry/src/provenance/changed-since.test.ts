import { expect, test } from "vitest";
import { changedSince } from "./changed-since.ts";

const signed = {
  subject: [{ name: "model.onnx", digest: { sha256: "aa" } }],
  predicate: {
    buildDefinition: {
      externalParameters: { model: "late", version: "2" },
      resolvedDependencies: [{ name: "january" }],
    },
    runDetails: { metadata: { invocationId: "run_1", startedOn: "2001-02-01T00:00:00.000Z" } },
  },
};

test("what became known later contradicts nothing", () => {
  const { buildDefinition, runDetails } = signed.predicate;
  const now = {
    ...signed,
    predicate: {
      buildDefinition: {
        externalParameters: { ...buildDefinition.externalParameters, codeVersion: "abc" },
        resolvedDependencies: [{ name: "february" }, { name: "january" }],
      },
      runDetails: { metadata: { ...runDetails.metadata, finishedOn: "2001-02-01T01:00:00.000Z" } },
    },
  };
  expect(changedSince(signed, signed)).toEqual([]);
  expect(changedSince(signed, now)).toEqual([]);
  // The other way round something is gone that was signed.
  expect(changedSince(now, signed)).toEqual([
    "predicate.buildDefinition.externalParameters.codeVersion",
    "predicate.buildDefinition.resolvedDependencies",
    "predicate.runDetails.metadata.finishedOn",
  ]);
});

test("another file, one more and one less are named, and so is another value", () => {
  const files = (subject: unknown[]) => changedSince(signed, { ...signed, subject });
  expect(files([{ name: "model.onnx", digest: { sha256: "bb" } }])).toEqual(["subject"]);
  expect(files([...signed.subject, { name: "extra.pkl", digest: { sha256: "cc" } }])).toEqual(["subject"]);
  expect(files([])).toEqual(["subject"]);
  expect(changedSince(signed, { ...signed, predicate: null })).toEqual(["predicate"]);
});
