import type { FieldViolation } from '@berth/kernel';

/** One fault of an inventory file. */
export interface InventoryFault {
  /** Counted from 1; absent for a fault of the file as a whole. */
  readonly line?: number;
  readonly column?: number;
  /** Where in the file's tree: `pool.resources.r1.attributes[0]`; empty for the file as a whole. */
  readonly path: string;
  /** What is wrong and what is allowed. */
  readonly message: string;
}

const PLACE = /^line (\d+), column (\d+): /;
const WHOLE_FILE = 'yaml';

/** The faults as the lease service tells them, taken apart. */
export function inventoryFaults(fields: readonly FieldViolation[]): InventoryFault[] {
  return fields.map(({ field, description }) => {
    const [place, line, column] = PLACE.exec(description) ?? [];
    const path = field === WHOLE_FILE ? '' : field;
    if (place === undefined) return { path, message: description };
    return { line: Number(line), column: Number(column), path, message: description.slice(place.length) };
  });
}
