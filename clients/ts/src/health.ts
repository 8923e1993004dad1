import { HealthCheckResponse_ServingStatus, HealthDefinition } from '@berth/proto/grpc/health/v1/health';

/** What a server says of itself by `grpc.health.v1`. */
export type ServingStatus = Exclude<keyof typeof HealthCheckResponse_ServingStatus, 'UNRECOGNIZED'>;

const { check } = HealthDefinition.methods;

/** `grpc.health.v1.Health/Check`, marked as harmless to repeat: the official proto says it in prose only. */
export const HealthCheckDefinition = {
  ...HealthDefinition,
  methods: { check: { ...check, options: { idempotencyLevel: 'NO_SIDE_EFFECTS' } } },
} as const;

/** The name of a status; UNKNOWN for one that this client does not know. */
export function servingStatusOf(status: HealthCheckResponse_ServingStatus): ServingStatus {
  const name = HealthCheckResponse_ServingStatus[status] as keyof typeof HealthCheckResponse_ServingStatus | undefined;
  return name === undefined || name === 'UNRECOGNIZED' ? 'UNKNOWN' : name;
}
