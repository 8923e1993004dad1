import type { Output } from './output.js';

/** Says that a list was cut, so that nobody takes it for the whole. */
export function tellMore(out: Output, more: boolean): void {
  if (more) out.note('there are more; --limit N shows N of them, --limit 0 all');
}
