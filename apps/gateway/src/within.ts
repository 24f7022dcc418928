import { AppError } from "@ballast/core";

/** The promise's result, or `unavailable` if it takes longer than `ms`. */
export function within<T>(ms: number, promise: Promise<T>, otherwise = `No answer within ${ms} ms.`): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new AppError("unavailable", otherwise)), ms);
    timer.unref();
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
