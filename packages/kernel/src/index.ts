export type { Clock, Timer } from './clock.js';
export { steadyClock, systemClock } from './clock.js';
export type { ErrorDetails, ErrorKind, FieldViolation, PreconditionViolation } from './errors.js';
export { didYouMean } from './did-you-mean.js';
export { BerthError, invalidField } from './errors.js';
export { base32Digits, randomChars, randomId } from './ids.js';
export { decodePageToken, encodePageToken, pageSize } from './page-token.js';
export type { Reason } from './reasons.js';
export { REASONS } from './reasons.js';
