import { BerthError } from './errors.js';

/** REQUEST_ID_REUSED. `field` is the first that differs; undefined when that is not known, or it was another call or caller. */
export function requestIdReused(requestId: string, field?: string): BerthError {
  const differs = field === undefined ? 'another payload, or by another caller or call' : `another ${field}`;
  const description = `'${requestId}' was used before with ${differs}; take a new id for a new request`;
  return new BerthError('REQUEST_ID_REUSED', `request_id: ${description}`, {
    fields: [{ field: 'request_id', description }],
    ...(field !== undefined && { metadata: { field } }),
  });
}
