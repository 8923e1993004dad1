/** Digits of a sequence in an id, so that ids are ordered as sequences are. */
const DIGITS = 12;
/** No name of a root has a space, so no root's ids lie among those of another one. */
const SEPARATOR = ' ';

/** The id of the document with this sequence. */
export function sequenceId(root: string, sequence: number): string {
  return `${root}${SEPARATOR}${String(sequence).padStart(DIGITS, '0')}`;
}

/** The largest id that a root's documents can have. */
export function lastId(root: string): string {
  return sequenceId(root, 10 ** DIGITS - 1);
}
