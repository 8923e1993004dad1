/** What a supervisor is told to do about the command of this id. */
export type Order =
  /** Start its gate, as this account. */
  | { readonly do: 'start'; readonly id: number; readonly timeoutMs: number; readonly uid?: number; readonly gid?: number }
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

/** Reads frames from what comes in: each is a line of JSON, and as many bytes after it as its `bytes` says. */
export function readFrames<T extends object>(take: (frame: T, bytes: Buffer) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  let frame: (T & { readonly bytes?: number }) | undefined;
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (;;) {
      if (frame === undefined) {
        const end = rest.indexOf('\n');
        if (end === -1) return;
        frame = JSON.parse(rest.toString('utf8', 0, end)) as T;
        rest = rest.subarray(end + 1);
      }
      const { bytes = 0 } = frame;
      if (rest.length < bytes) return;
      const [whole, data] = [frame, rest.subarray(0, bytes)];
      rest = rest.subarray(bytes);
      frame = undefined;
      take(whole, data);
    }
  };
}
