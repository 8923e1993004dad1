import type { GroupLeader } from '../domain/resource.js';

/** The output of a process: all of it, or its first and its last part. */
export interface Output {
  readonly head: Buffer;
  readonly leftOutBytes: number;
  readonly tail: Buffer;
}

export interface CommandLine {
  /** A text for `sh -c`, or a program with its arguments. */
  readonly command: string | readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  /** Variables of this process that it gets; `*` stands for any letters. */
  readonly pass: readonly string[];
  /** Counted from the start of its gate. */
  readonly timeoutMs: number;
  /** The most that is kept of each output. */
  readonly outputBytes: number;
  readonly user?: string | undefined;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Stores the processes; the command begins only when this resolves. */
  readonly started: (process: GroupLeader) => Promise<void>;
  /** Told what it writes, as it comes; absent = only the result tells. */
  readonly output?: (stream: 'stdout' | 'stderr', chunk: Buffer) => void;
}

export interface CommandResult {
  /** The exit code, 128 + n when signal n ended it; undefined when nothing was run. */
  readonly code: number | undefined;
  readonly stopped: 'timeout' | 'aborted' | undefined;
  /** The way in which it failed, for people; undefined for exit code 0. */
  readonly fault: string | undefined;
  readonly stdout: Output;
  readonly stderr: Output;
}

/** Runs commands as process groups, of which nothing is left once it resolves. */
export interface CommandRunner {
  /** This machine, or the part of it whose process numbers these are. */
  readonly host: string;
  /** Rejects only with what `started` rejects with: then nothing was run. */
  run(command: CommandLine): Promise<CommandResult>;
  /** Ends a group that an earlier life of this program started on this host; resolves when it is gone. */
  kill(leader: GroupLeader): Promise<void>;
}
