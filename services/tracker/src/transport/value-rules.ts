import type { Faults } from '@berth/server';
import { lineFault, MAX_NAME, quoted } from '@berth/server';

const KIND = /^[A-Za-z0-9._-]{1,64}$/;
const MAX_EXTERNAL_ID = 512;
const MAX_BATCH = 10_000;
/** With a lab's name as the lease service takes it: others could not be asked about. */
const LEASE_PARENT = /^lease\/[a-z0-9-]{1,63}\/[^/]+$/;

/** Kinds of allocations. */
export function kindFault(text: string): string | undefined {
  if (KIND.test(text)) return undefined;
  return `is ${quoted(text)}; a kind has 1 to 64 letters, digits, '.', '_' or '-', for example vm`;
}

/** Owners, applications and modules. */
export function nameTextFault(text: string): string | undefined {
  return lineFault(text, MAX_NAME);
}

/** Names that a provider gives, parents and ids. */
export function externalIdFault(text: string): string | undefined {
  return lineFault(text, MAX_EXTERNAL_ID);
}

/** Parents. Those that begin with `lease/` are looked up; of other sorts nothing is known here. */
export function parentFault(text: string): string | undefined {
  if (!text.startsWith('lease/') || LEASE_PARENT.test(text)) return externalIdFault(text);
  return `is ${quoted(text)}; a lease is named lease/LAB/ID, with a lab of 1 to 63 of a-z, 0-9 and '-', for example lease/default/ls-1`;
}

/** Adds a fault for a text that must be there and is not; whether it was there. */
export function required(text: string, field: string, faults: Faults): boolean {
  if (text !== '') return true;
  faults.add(field, 'is missing');
  return false;
}

/** Milliseconds of a time; undefined when it is absent or none that can be reckoned with, and then `faults` says so. */
export function parseTime(time: Date | undefined, field: string, faults: Faults): number | undefined {
  if (time === undefined) return undefined;
  const ms = time.getTime();
  if (Number.isFinite(ms) && ms >= 0) return ms;
  faults.add(field, 'is no time after 1970 that can be reckoned with');
  return undefined;
}

/** Adds a fault for a batch that is empty or too large. */
export function checkBatch(requests: readonly unknown[], faults: Faults): void {
  if (requests.length === 0) faults.add('requests', 'is empty; give at least one');
  if (requests.length <= MAX_BATCH) return;
  faults.add('requests', `has ${requests.length} items; at most ${MAX_BATCH} are allowed`);
}
