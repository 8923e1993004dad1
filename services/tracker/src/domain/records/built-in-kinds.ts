import type { FieldSchema, Kind } from './kind.js';

function field(name: string, given: Partial<FieldSchema> = {}): FieldSchema {
  return {
    name,
    type: 'STRING',
    required: false,
    unique: false,
    allowed: [],
    pattern: '',
    default: undefined,
    description: '',
    ...given,
  };
}

const MACHINES: Kind = {
  name: 'machines',
  description: 'Machines, by host name.',
  builtIn: true,
  fields: [
    field('hostname', {
      required: true,
      unique: true,
      ignoreCase: true,
      pattern: String.raw`[A-Za-z0-9]([A-Za-z0-9._\-]{0,251}[A-Za-z0-9])?`,
      description: 'Its name in the network.',
    }),
    field('owner', { description: 'Whose it is.' }),
    field('state', {
      allowed: ['pxe', 'pxe_failed', 'idle', 'needs_repair', 'in_use'],
      description: 'What it does.',
    }),
    field('job_id', { description: 'The job that uses it.' }),
    field('tags', { type: 'STRINGS', description: 'Free-form tags.' }),
  ],
};

function addresses(name: string, description: string): Kind {
  return {
    name,
    description,
    builtIn: true,
    fields: [
      field('address', {
        type: 'ADDRESS',
        required: true,
        unique: true,
        uniqueAmong: 'addresses',
        description: 'The IPv4 or IPv6 address.',
      }),
      field('owner', { description: 'Whose it is.' }),
    ],
  };
}

/** The kinds that records for claimed addresses may be of. An address is in one of them only, whichever ranges overlap. */
export const ADDRESS_KINDS = ['public-addresses', 'private-addresses'] as const;

/** The kind of ranges that addresses are claimed from. */
export const ADDRESS_RANGES = 'address-ranges';

const RANGES: Kind = {
  name: ADDRESS_RANGES,
  description: 'Ranges that addresses are claimed from.',
  builtIn: true,
  fields: [
    field('name', {
      required: true,
      unique: true,
      pattern: String.raw`[A-Za-z0-9][A-Za-z0-9._\-]{0,127}`,
      description: 'What it is called.',
    }),
    field('range', {
      type: 'ADDRESS_RANGE',
      required: true,
      description: 'A CIDR (of IPv4 the network and broadcast addresses are left out), or first-last.',
    }),
    field('kind', {
      allowed: [...ADDRESS_KINDS],
      default: 'private-addresses',
      description: 'The kind that claimed addresses become records of.',
    }),
    field('owner', { description: 'Whose it is.' }),
  ],
};

/** The kinds that Berth brings. */
export const BUILT_IN_KINDS: readonly Kind[] = [
  MACHINES,
  addresses('public-addresses', 'Addresses that the world reaches.'),
  addresses('private-addresses', 'Addresses inside of the lab.'),
  RANGES,
];
