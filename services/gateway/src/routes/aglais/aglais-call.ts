import type { Berth } from '@berth/client';
import type { Clock } from '@berth/kernel';
import type { Faults } from '@berth/server';
import type { GivenParameters } from '../parameters.js';
import type { RowTable } from './rows.js';

/** A request of this API. */
export interface AglaisCall {
  /** The roles, asked for the caller of the request. */
  readonly berth: Berth;
  readonly clock: Clock;
  /** The name of the caller. */
  readonly caller: string;
  /** What the request says in its URL and its body. */
  readonly given: GivenParameters;
  /** What the path names; empty where it names nothing. */
  readonly id: string;
  /** What is wrong with the request; told when an answer throws it. */
  readonly faults: Faults;
}

/** What a request is answered with: rows, or an object. */
export type AglaisAnswer = { readonly rows: RowTable } | { readonly status: 200 | 201; readonly body: object };

/** What a client that repeats a creation sends with it, so that it is done once. */
export function requestIdOf({ given }: AglaisCall): { readonly requestId?: string } {
  const requestId = given.text('request_id');
  return requestId === undefined ? {} : { requestId };
}
