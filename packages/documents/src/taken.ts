import type { BerthError } from '@berth/kernel';

/**
 * Says what it means that another document has a value of this unique index, one besides that of request ids: the error is
 * why the command is refused; undefined: it is planned again, and has to take another value then.
 */
export type Taken = (index: string) => BerthError | undefined;

/** For commands that write no unique value besides request ids. */
export function neverTaken(index: string): never {
  throw new Error(`another document has a value of the unique index '${index}', and the caller does not say what then`);
}
