/** The name of a generated enum's value, in words: `max duration`; a newer server's value is `unknown`. */
export function enumWords(names: Readonly<Record<number, string | undefined>>, value: number): string {
  return (names[value] ?? 'unknown').toLowerCase().replaceAll('_', ' ');
}
