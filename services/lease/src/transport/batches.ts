/**
 * What arrives together, together: each batch has the messages that were there within one turn of the event loop, at most
 * `most`. Ends with the source, or throws the reason of `stop` when it aborts.
 */
export async function* batches<T>(
  source: AsyncIterable<T>,
  most: number,
  stop: AbortSignal,
): AsyncGenerator<readonly T[], void, undefined> {
  const iterator = source[Symbol.asyncIterator]();
  const stopped = rejectOn(stop);
  let next = take(iterator);
  for (;;) {
    const first = await Promise.race([next, stopped]);
    if (first.done === true) return;
    const batch = [first.value];
    next = take(iterator);
    while (batch.length < most) {
      const more = await Promise.race([next, turn()]);
      if (more === undefined || more.done === true) break;
      batch.push(more.value);
      next = take(iterator);
    }
    yield batch;
  }
}

/** Its rejection is seen when the message is waited for; until then nobody looks at it. */
function take<T>(iterator: AsyncIterator<T>): Promise<IteratorResult<T, unknown>> {
  const next = iterator.next();
  next.catch(() => undefined);
  return next;
}

function turn(): Promise<undefined> {
  return new Promise((resolve) => {
    setImmediate(() => {
      resolve(undefined);
    });
  });
}

function rejectOn(signal: AbortSignal): Promise<never> {
  const stopped = new Promise<never>((_, reject) => {
    const fail = (): void => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
  stopped.catch(() => undefined);
  return stopped;
}
