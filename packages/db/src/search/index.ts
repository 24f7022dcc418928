/**
 * Search by filter and order, for every room that keeps searchable things: MLflow's grammar and more, compiled to parameterised SQL.
 *
 *     const condition = searchCondition(input.filter, MODEL_VERSION_VOCABULARY, MODEL_VERSION_TARGET);
 *     const orders = parseOrders(input.orderBy, MODEL_VERSION_VOCABULARY);
 *     const terms = [...searchOrder(orders, MODEL_VERSION_TARGET), ...whatMakesItTotal];
 *     const after = token ? behindSql(terms, readPageToken(token, question, terms)) : undefined;
 *     select …, positionSql(terms) as position … where(and(scope, condition, after)).orderBy(orderSql(terms)).limit(n + 1)
 *     const next = more ? pageToken(question, last.position) : null;
 *
 * `question` is any text that says which order the token is of. Every bad filter, order or token is an AppError `invalid_input`
 * whose message names the character, what stood there and what was expected.
 */
export * from "./filter-completion.ts";
export { arrayLiteral, filterSql, type SearchTarget } from "./filter-sql.ts";
export * from "./filter-syntax.ts";
export * from "./filter-vocabulary.ts";
export * from "./result-order.ts";
export * from "./search-query.ts";
export * from "./search-targets.ts";
