/** How much of a model its pages list: what the server reads ahead, the panels ask for in the same words. */
export const APPROVALS_SHOWN = 50;
export const MOVES_SHOWN = 100;
export const MOST_VERSIONS = 200;

/** The question that a model's page asks, read from the address: `before` is a version number. */
export function modelQuery(model: string, params: URLSearchParams) {
  const before = Number(params.get("before"));
  return { model, before: Number.isSafeInteger(before) && before > 0 ? before : undefined };
}
