import * as z from 'zod';
import { LARGEST_REQUEST_BYTES } from '../grpc-server.js';

/** A setting: the largest request, in bytes, that a service takes. */
export const requestBytes = z.number().int().min(1024).max(LARGEST_REQUEST_BYTES);
