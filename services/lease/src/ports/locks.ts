/** Elects one worker among replicas; the engines are in packages/storage. */
export type { HeldLock, Locks } from '@berth/storage';
