import type { OnnxModel } from "./read-model.ts";

/** By domain: operators that repeat until a value says stop. */
const LOOPS: Record<string, readonly string[]> = {
  "": ["Loop"],
  "com.microsoft": ["BeamSearch", "GreedySearch", "Sampling", "WhisperBeamSearch"],
};

/**
 * True if how long a run takes depends on the values it is given, not on their number alone: such a model may answer one row
 * in microseconds, and never answer another.
 */
export function hasValueDependentWork({ operators }: OnnxModel): boolean {
  return operators.some(({ domain, opType }) => LOOPS[domain]?.includes(opType));
}
