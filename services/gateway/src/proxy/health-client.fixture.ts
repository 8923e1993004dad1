import {
  HealthCheckRequest,
  HealthCheckResponse,
  HealthCheckResponse_ServingStatus as Status,
} from '@berth/proto/grpc/health/v1/health';
import type { Client } from '@grpc/grpc-js';

/** Asks `grpc.health.v1.Health`. */
export class Health {
  constructor(private readonly client: Client) {}

  /** The name of the status of a service. */
  check(service: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.client.makeUnaryRequest(
        '/grpc.health.v1.Health/Check',
        (request: HealthCheckRequest) => Buffer.from(HealthCheckRequest.encode(request).finish()),
        (bytes) => HealthCheckResponse.decode(bytes),
        { service },
        (error, answer) => {
          if (error !== null) reject(error);
          else resolve(Status[answer?.status ?? Status.UNKNOWN]);
        },
      );
    });
  }
}
