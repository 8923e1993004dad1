import { BerthError } from '@berth/kernel';

/** A path as it came, cut into segments. Names may hold `/` and `:`, so it is decoded after it was cut, never before. */
export interface RawPath {
  readonly segments: readonly string[];
  readonly decoded: readonly string[];
  /** The verb after the last colon of the last segment, decoded; undefined = there is no colon. */
  readonly verb: string | undefined;
  /** The last segment without the verb. */
  readonly last: string;
  readonly lastDecoded: string;
}

/** The segments of a path that starts with `/`, without its query. Throws MALFORMED_REQUEST for bad percent-encoding. */
export function cutPath(path: string): RawPath {
  const segments = path.slice(1).split('/');
  const decoded = path.includes('%') ? segments.map((segment) => decode(segment, path)) : segments;
  const whole = segments.at(-1) ?? '';
  const colon = whole.lastIndexOf(':');
  if (colon === -1) return { segments, decoded, verb: undefined, last: whole, lastDecoded: decoded.at(-1) ?? '' };
  const last = whole.slice(0, colon);
  return { segments, decoded, verb: decode(whole.slice(colon + 1), path), last, lastDecoded: decode(last, path) };
}

/** A segment of a variable that may have several: decoded, but for the slashes in it. */
export function decodeButSlashes(segment: string): string {
  return segment
    .split(/(%2f)/i)
    .map((part, i) => (i % 2 === 1 ? part : decodeURIComponent(part)))
    .join('');
}

function decode(segment: string, path: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    const description = `'${segment}' is not percent-encoded UTF-8; encode names with encodeURIComponent, or "curl --data-urlencode"`;
    throw new BerthError('MALFORMED_REQUEST', `the path ${path} cannot be read: ${description}`, {
      fields: [{ field: 'path', description }],
    });
  }
}
