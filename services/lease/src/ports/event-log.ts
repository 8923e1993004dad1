/** The log that a lab is kept in, as the app sees it; the engines are in packages/storage. */
export type { EventLog, LogEntry, Refusal, Snapshot } from '@berth/storage';
