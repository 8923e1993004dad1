import { BerthError } from '@berth/kernel';
import type { SeriesProblem } from './series.js';

/** An INVALID_SERIES error about a field of the series at `path`. */
export function seriesError(path: string, field: string, problem: SeriesProblem, description: string): BerthError {
  const full = `${path}.${field}`;
  return new BerthError('INVALID_SERIES', `${full}: ${description}`, {
    fields: [{ field: full, description }],
    metadata: { problem },
  });
}
