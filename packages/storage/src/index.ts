export type { Append, AppendResult, EventLog, EventLogStore, Followed, LogEntry, LogStep, Refusal, Revision, Snapshot } from './event-log/event-log.js';
