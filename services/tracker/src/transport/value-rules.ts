import { labFault, lineFault, MAX_NAME, quoted } from '@berth/server';
import type { ParentKind } from '../domain/index.js';
import { parentKindOf } from '../domain/index.js';

const KIND = /^[A-Za-z0-9._-]{1,64}$/;
const MAX_EXTERNAL_ID = 512;
const LEASE_PARENT = /^lease\/([^/]+)\/[^/]+$/;
const TICKET_PARENT = /^ticket\/([1-9][0-9]{0,14})$/;
const BOOKING_PARENT = /^booking\/[^/]+$/;

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

/** Parents, of the kinds that somebody can be asked about. */
export function parentFault(text: string): string | undefined {
  if (text === '') return undefined;
  const kind = parentKindOf(text);
  if (kind !== undefined && PARENT_MATCHES[kind](text)) return externalIdFault(text);
  const what = kind === undefined ? 'nobody looks after parents of another kind' : `so a ${kind} is named`;
  return `is ${quoted(text)}; a parent is ${PARENT_FORMS}: ${what}`;
}

const PARENT_MATCHES: Readonly<Record<ParentKind, (text: string) => boolean>> = {
  lease: (text) => {
    const [, lab = ''] = LEASE_PARENT.exec(text) ?? [];
    return labFault(lab) === undefined;
  },
  ticket: (text) => TICKET_PARENT.test(text),
  booking: (text) => BOOKING_PARENT.test(text),
};

const PARENT_FORMS =
  "lease/LAB/ID (a lab has 1 to 63 of a-z, 0-9 and '-'; for example lease/default/ls-1), ticket/NUMBER or booking/ID";
