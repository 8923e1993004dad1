/** Elects one worker among replicas; the engines are in packages/storage. */
export type { Locks } from '@berth/storage';
