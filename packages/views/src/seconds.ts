import type { Duration } from '@berth/proto/google/protobuf/duration';

/** A span as JSON and YAML show it: seconds, such as "90s" (as protobuf's own JSON does). */
export function seconds(duration: Duration | undefined): string | undefined {
  return duration && `${String(milliseconds(duration) / 1000)}s`;
}

/** The milliseconds of a span. */
export function milliseconds(duration: Duration): number {
  return duration.seconds * 1000 + duration.nanos / 1e6;
}
