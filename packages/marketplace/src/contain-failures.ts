import { AppError, isAppError } from "@ballast/core";
import type { DriftResult, DriftTest, Trainer } from "@ballast/plugin-sdk";

/** A plugin's own error keeps its words; anything else becomes one that names the plugin at fault. */
function blame(plugin: string, what: string, error: unknown): AppError {
  if (isAppError(error)) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new AppError("unprocessable", `Plugin ${plugin}: ${what} failed: ${reason}`, {
    details: { plugin },
    cause: error,
  });
}

/** The trainer with its failures named, and its estimate checked: a budget cannot reserve NaN. */
export function containTrainer(plugin: string, trainer: Trainer): Trainer {
  const what = `trainer ${trainer.id}`;
  return {
    id: trainer.id,
    title: trainer.title,
    estimate(request) {
      let answer: ReturnType<Trainer["estimate"]>;
      try {
        answer = trainer.estimate(request);
      } catch (error) {
        throw blame(plugin, `${what} (estimate)`, error);
      }
      if (typeof answer?.unit !== "string" || !Number.isFinite(answer.worstCase) || answer.worstCase < 0) {
        throw blame(plugin, `${what} (estimate)`, new Error("it gave no finite worst case of at least 0 with a unit"));
      }
      return answer;
    },
    async train(request) {
      try {
        return await trainer.train(request);
      } catch (error) {
        throw blame(plugin, what, error);
      }
    },
  };
}

/** The drift test with its failures named, and its answer checked: neither a limit nor a correction over columns can judge NaN. */
export function containDriftTest(plugin: string, test: DriftTest): DriftTest {
  return {
    ...{ id: test.id, title: test.title, kinds: test.kinds },
    run(input) {
      const what = `drift test ${test.id} on column ${input.column}`;
      let answer: DriftResult;
      try {
        answer = test.run(input);
      } catch (error) {
        throw blame(plugin, what, error);
      }
      const fault = faultOf(answer);
      if (fault !== null) throw blame(plugin, what, new Error(fault));
      return answer;
    },
  };
}

/** What makes an answer unusable, in words; null for a sound one. */
function faultOf(answer: DriftResult): string | null {
  if (typeof answer?.statistic !== "string" || answer.statistic === "") return "its answer names no statistic";
  const { value, pValue, n, diagnosis } = answer;
  if (!Number.isFinite(value)) return `it gave the value ${value}, must be a finite number`;
  if (pValue !== undefined && !(Number.isFinite(pValue) && pValue >= 0 && pValue <= 1))
    return `it gave the p-value ${pValue}, must be 0 to 1`;
  if (!isCount(n?.reference) || !isCount(n.current))
    return "it gave no sample sizes: n must hold reference and current, whole numbers of at least 0";
  if (diagnosis && !(Number.isFinite(diagnosis.factor) && diagnosis.factor !== 0 && Number.isFinite(diagnosis.offset)))
    return `it gave the conversion × ${diagnosis.factor} + ${diagnosis.offset}, which cannot be applied`;
  return null;
}

const isCount = (n: unknown) => Number.isSafeInteger(n) && (n as number) >= 0;
