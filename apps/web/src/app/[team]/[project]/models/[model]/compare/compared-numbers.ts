/** As many versions as fit side by side. */
const MOST_COMPARED = 20;

/** Version numbers in the address, `?versions=1,3`, each once. */
export function comparedNumbers(params: URLSearchParams): number[] {
  const numbers = (params.get("versions") ?? "")
    .split(",")
    .filter((text) => /^\d{1,9}$/.test(text))
    .map(Number);
  return [...new Set(numbers)].slice(0, MOST_COMPARED);
}
