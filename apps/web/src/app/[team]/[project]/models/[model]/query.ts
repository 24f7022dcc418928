/** The question that a model's page asks, read from the address: `before` is a version number. */
export function modelQuery(model: string, params: URLSearchParams) {
  const before = Number(params.get("before"));
  return { model, before: Number.isSafeInteger(before) && before > 0 ? before : undefined };
}
