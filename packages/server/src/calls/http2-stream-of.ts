/** The part of an HTTP/2 stream that the adapter needs. */
interface CallHttp2Stream {
  readonly closed: boolean;
  /** The code of a reset; 0 or undefined when there was none. */
  readonly rstCode?: number | undefined;
  /** The connection; undefined once the stream is destroyed. */
  readonly session?: { readonly destroyed: boolean; readonly socket: object } | undefined;
  close(code: number): void;
}

/**
 * The HTTP/2 stream under a call. grpc-js keeps it to itself, yet only it tells a cancel from an end of the requests, and
 * only it can be reset. Undefined if grpc-js keeps it elsewhere one day; tests fail then.
 */
export function http2StreamOf(surface: object): CallHttp2Stream | undefined {
  return (surface as { call?: { stream?: CallHttp2Stream } }).call?.stream;
}
