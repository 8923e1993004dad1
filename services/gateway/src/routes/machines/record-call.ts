import type { Berth, Kind } from '@berth/client';
import type { Faults } from '@berth/server';
import type { GivenParameters } from '../parameters.js';
import type { RawBody } from '../raw-body.js';
import type { EveDocument } from './record-document.js';

/** A request about the records of a kind. */
export interface RecordCall {
  /** RecordService, asked for the caller of the request. */
  readonly records: Berth['records'];
  readonly kind: Kind;
  /** The id or unique name in the path; empty for a list. */
  readonly name: string;
  /** The parameters of the URL. */
  readonly given: GivenParameters;
  readonly query: URLSearchParams;
  /** Throws MALFORMED_REQUEST and UNSUPPORTED_MEDIA. */
  readonly body: () => RawBody;
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
  /** What is wrong with the request; told when an answer throws it. */
  readonly faults: Faults;
}

/** What a request is answered with. */
export interface RecordAnswer {
  readonly status: number;
  readonly body?: EveDocument;
  readonly etag?: string;
  /** Where what was made can be read. */
  readonly location?: string;
}

/** What a client that repeats a change sends with it, so that it is done once. */
export function requestIdOf({ given }: RecordCall): { readonly requestId?: string } {
  const requestId = given.text('request_id');
  return requestId === undefined ? {} : { requestId };
}
