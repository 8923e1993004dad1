/** What a supervisor is told to do about the command of this id. */
export type Order =
  /** Start its gate, as this account. */
  | {
      readonly do: 'start';
      readonly id: number;
      readonly timeoutMs: number;
      readonly uid?: number;
      readonly gid?: number;
    }
  /** Give its gate the script. */
  | { readonly do: 'begin'; readonly id: number; readonly script: string }
  /** End its group. */
  | { readonly do: 'end'; readonly id: number };

/** What a supervisor tells of the command of this id: its number, its output, then its end; or that it could not be started. */
export type News =
  | { readonly id: number; readonly pid: number }
  | { readonly id: number; readonly stream: 'stdout' | 'stderr'; readonly bytes: number }
  | { readonly id: number; readonly code: number; readonly begun: boolean; readonly timedOut: boolean }
  | { readonly id: number; readonly failed: string };

/**
 * Reads frames from what comes in: each is a line of JSON, and as many bytes after it as its `bytes` says. Bytes are handed on as they
 * come, in as many calls as it takes. Uses nothing but what is within it, since a supervisor is given it as text.
 */
export function readFrames(take: (frame: never, bytes: Buffer) => void): (chunk: Buffer) => void {
  let line: Buffer = Buffer.alloc(0);
  let frame: { readonly bytes?: number } | undefined;
  let missing = 0;
  return (chunk) => {
    for (let rest = chunk; rest.length > 0;) {
      if (frame !== undefined) {
        const bytes = rest.subarray(0, missing);
        rest = rest.subarray(bytes.length);
        missing -= bytes.length;
        const of = frame;
        if (missing === 0) frame = undefined;
        take(of as never, bytes);
        continue;
      }
      const end = rest.indexOf('\n');
      line = Buffer.concat([line, end === -1 ? rest : rest.subarray(0, end)]);
      if (end === -1) return;
      const read = JSON.parse(String(line)) as { readonly bytes?: number };
      line = Buffer.alloc(0);
      rest = rest.subarray(end + 1);
      missing = read.bytes ?? 0;
      if (missing > 0) frame = read;
      else take(read as never, line);
    }
  };
}
