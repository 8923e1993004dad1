/**
 * The first segments of paths that are served over HTTP for other things than records. A kind of records with one of these
 * names is reached at /v1/records/KIND only.
 */
export const RESERVED_PATHS: readonly string[] = [
  'RPC2',
  'available',
  'bookings',
  'clusters',
  'healthz',
  'inventory',
  'lock',
  'magcluster',
  'metrics',
  'novaquota',
  'openapi.json',
  'readyz',
  'resources',
  'v1',
];
