/** The codes of faults in the form of a call; faults of Berth itself have the number of their gRPC status (1 to 16). */
export const FAULT = {
  /** The body is no well-formed XML, or declares entities of its own. */
  NOT_WELL_FORMED: -32700,
  /** The body is in another encoding than UTF-8. */
  ENCODING: -32701,
  /** The XML is not a call of a method, or is too large. */
  NOT_A_CALL: -32600,
  NO_SUCH_METHOD: -32601,
  /** Too many or too few values, or one of another type. */
  WRONG_PARAMS: -32602,
} as const;

/** A call that failed: what the caller reads as `faultCode` and `faultString`. */
export class XmlRpcFault extends Error {
  constructor(
    readonly code: number,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'XmlRpcFault';
  }
}
