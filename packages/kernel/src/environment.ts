/** A short structured log line; the context never holds secrets. */
export interface Logger {
  info(context: object, message: string): void;
  warn(context: object, message: string): void;
  error(context: object, message: string): void;
}

/** Marks a place where a test may stop the process; does nothing otherwise. */
export type Failpoint = (name: string) => void | Promise<void>;
