/** The type of answers that are JSON. */
export const JSON_TYPE = 'application/json; charset=utf-8';

/** An answer as one line of JSON, so that a terminal shows the next one below it. */
export function lineOf(body: unknown): string {
  return `${JSON.stringify(body)}\n`;
}
