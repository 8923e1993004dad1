/** Text of others on one line, without control characters: it must not move or colour this terminal. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}
