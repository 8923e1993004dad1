import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';

/** What a server says of itself by `grpc.health.v1`. */
export type ServingStatus = 'UNKNOWN' | 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN';

const STATUSES: readonly ServingStatus[] = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];

interface HealthCheckRequest {
  service: string;
}

interface HealthCheckResponse {
  status: ServingStatus;
}

const HealthCheckRequestCodec = {
  encode: ({ service }: HealthCheckRequest) => new BinaryWriter().uint32(10).string(service),
  decode(bytes: Uint8Array): HealthCheckRequest {
    const reader = new BinaryReader(bytes);
    let service = '';
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag();
      if (field === 1) service = reader.string();
      else reader.skip(wireType);
    }
    return { service };
  },
  fromPartial: ({ service = '' }: Partial<HealthCheckRequest>): HealthCheckRequest => ({ service }),
};

const HealthCheckResponseCodec = {
  encode: ({ status }: HealthCheckResponse) => new BinaryWriter().uint32(8).int32(STATUSES.indexOf(status)),
  decode(bytes: Uint8Array): HealthCheckResponse {
    const reader = new BinaryReader(bytes);
    let status: ServingStatus = 'UNKNOWN';
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag();
      if (field === 1) status = STATUSES[reader.int32()] ?? 'UNKNOWN';
      else reader.skip(wireType);
    }
    return { status };
  },
  fromPartial: ({ status = 'UNKNOWN' }: Partial<HealthCheckResponse>): HealthCheckResponse => ({ status }),
};

/** `grpc.health.v1.Health/Check`, written out: the two messages are not worth a third-party proto in the package. */
export const HealthDefinition = {
  name: 'Health',
  fullName: 'grpc.health.v1.Health',
  methods: {
    check: {
      name: 'Check',
      requestType: HealthCheckRequestCodec,
      requestStream: false,
      responseType: HealthCheckResponseCodec,
      responseStream: false,
      options: { idempotencyLevel: 'NO_SIDE_EFFECTS' },
    },
  },
} as const;
