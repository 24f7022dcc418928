/** Tags by which MLflow's clients say what has a column here. */
export const RUN_NAME_TAG = "mlflow.runName";
export const PARENT_RUN_TAG = "mlflow.parentRunId";
const COMMIT_TAG = "mlflow.source.git.commit";

/** What the tags say of the run itself; a tag that is not among them changes no column. */
export function columnsOfTags(tags: Readonly<Record<string, string>>): {
  name?: string;
  parentId?: string;
  codeVersion?: string;
} {
  const { [RUN_NAME_TAG]: name, [PARENT_RUN_TAG]: parentId, [COMMIT_TAG]: codeVersion } = tags;
  return {
    ...(name === undefined ? {} : { name }),
    ...(parentId === undefined ? {} : { parentId }),
    ...(codeVersion === undefined ? {} : { codeVersion }),
  };
}
