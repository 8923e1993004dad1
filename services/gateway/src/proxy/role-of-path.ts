const PACKAGE = /^\/berth\.([a-z]+)\.v\d+\./;

/** The role whose package a path is of: `/berth.lease.v1.LeaseService/Acquire` is lease's. Undefined for other paths. */
export function roleOfPath(path: string): string | undefined {
  return PACKAGE.exec(path)?.[1];
}
