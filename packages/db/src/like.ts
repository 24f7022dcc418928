/** A text as a part of a LIKE pattern in which nothing is special. */
export function likeText(text: string): string {
  return text.replace(/[\\%_]/g, "\\$&");
}

/** The LIKE pattern of what holds a text anywhere. */
export function likeAnywhere(text: string): string {
  return `%${likeText(text)}%`;
}
