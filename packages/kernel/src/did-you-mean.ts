/** The allowed word that a wrong one was most likely meant to be, as the end of a sentence; '.' when none is near. */
export function didYouMean(wrong: string, allowed: readonly string[]): string {
  let best = '';
  let least = Math.max(1, Math.floor(wrong.length / 3)) + 1;
  for (const word of allowed) {
    const distance = editDistance(wrong.toLowerCase(), word.toLowerCase());
    if (distance < least) {
      least = distance;
      best = word;
    }
  }
  return best === '' ? '.' : `; did you mean '${best}'?`;
}

/** How many insertions, deletions and replacements turn one word into the other; words over 64 characters count as far. */
function editDistance(from: string, to: string): number {
  if (from.length > 64 || to.length > 64) return Infinity;
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
