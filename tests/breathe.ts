import { afterEach } from 'vitest';

/** Between tests that compute without a pause the worker must get to hear its runner, which gives up on it after a minute. */
afterEach(() => new Promise<void>((resolve) => setImmediate(resolve)));
