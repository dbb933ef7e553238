/** Where a bug was, innermost first, for the log: no message, which may hold names, and no folder of the user's. */
export const bugFrames = (stack: string): readonly string[] =>
  stack
    .split('\n')
    .filter((line) => /^ +at .*:\d+:\d+\)?$/.test(line))
    .map((line) => line.trim().replace(/[^ (]*?\/(?=dist\/|main\/|node_modules\/)/, ''));
