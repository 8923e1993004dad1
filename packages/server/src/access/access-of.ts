import type { ServedService } from '../calls/service-definition.js';
import type { Access } from './access.js';

/** A method and who may call it. */
export interface MethodAccess {
  /** The full path, `/berth.lease.v1.LeaseService/Acquire`. */
  readonly method: string;
  readonly access: Access;
  /** Whether the method changes something. */
  readonly changes: boolean;
}

/** All methods of the services with their access, in the order of the services. */
export function accessOf(services: readonly Pick<ServedService, 'definition' | 'access'>[]): readonly MethodAccess[] {
  return services.flatMap(({ definition, access }) =>
    Object.entries(definition.methods).map(([key, method]) => ({
      method: `/${definition.fullName}/${method.name}`,
      access: access[key] ?? 'admin',
      changes: method.options?.idempotencyLevel !== 'NO_SIDE_EFFECTS',
    })),
  );
}
