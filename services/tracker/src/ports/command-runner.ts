/** A command: a text for `sh -c`, or a program with its arguments. */
export type CommandLine = string | readonly string[];

export interface CommandResult {
  readonly ok: boolean;
  /** How it ended, and the end of what it wrote, for people. */
  readonly message: string;
}

/** Runs commands that operators configured. */
export interface CommandRunner {
  /** Never rejects. After `timeoutMs` it and all that it started are stopped; also when `signal` aborts. */
  run(
    command: CommandLine,
    env: Readonly<Record<string, string>>,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<CommandResult>;
}
