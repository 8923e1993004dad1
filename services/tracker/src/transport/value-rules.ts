import { labFault, lineFault, MAX_NAME, quoted } from '@berth/server';

const KIND = /^[A-Za-z0-9._-]{1,64}$/;
const MAX_EXTERNAL_ID = 512;
const LEASE_PARENT = /^lease\/([^/]+)\/[^/]+$/;

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
  const [, lab = ''] = LEASE_PARENT.exec(text) ?? [];
  if (!text.startsWith('lease/') || labFault(lab) === undefined) return externalIdFault(text);
  return `is ${quoted(text)}; a lease is named lease/LAB/ID, with a lab of 1 to 63 of a-z, 0-9 and '-', for example lease/default/ls-1`;
}
