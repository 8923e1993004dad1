import type { CallOptions } from 'nice-grpc-common';
import type { DeadlineOptions } from './deadline.js';
import type { RetryOptions } from './retry.js';

/** What a call of a generated stub takes beside nice-grpc's `signal`, `metadata`, `onHeader` and `onTrailer`. */
export type BerthCallOptions = CallOptions & DeadlineOptions & RetryOptions;
