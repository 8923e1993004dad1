import { BerthError } from '@berth/kernel';

/** The BerthError of a call that must fail. */
export async function failureOf(call: Promise<unknown>): Promise<BerthError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof BerthError) return error;
    throw error;
  }
  throw new Error('the call succeeded');
}
