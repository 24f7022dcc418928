import { AppError, isAppError } from "@ballast/core";
import type { DriftTest, Trainer } from "@ballast/plugin-sdk";

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

/** The drift test with its failures named. */
export function containDriftTest(plugin: string, test: DriftTest): DriftTest {
  return {
    ...{ id: test.id, title: test.title, kinds: test.kinds },
    run(input) {
      try {
        return test.run(input);
      } catch (error) {
        throw blame(plugin, `drift test ${test.id} on column ${input.column}`, error);
      }
    },
  };
}
