type Tokens<Pattern extends string> = Pattern extends `${infer Head} ${infer Tail}` ? Head | Tokens<Tail> : Pattern;
type AxisNames<Pattern extends string> = Exclude<Tokens<Pattern>, `${number}`>;

/**
 * Reads a shape by axis name: `bindAxes(logits.shape, 'B D H W 3', 'logits')` gives `{ B, D, H, W }`.
 * A number in the pattern must match; a repeated name must agree.
 * @throws RangeError naming `what` where the shape does not fit
 */
export function bindAxes<const Pattern extends string>(
  shape: readonly number[],
  pattern: Pattern,
  what: string,
): Record<AxisNames<Pattern>, number> {
  const tokens = pattern.split(' ');
  const mismatch = () => new RangeError(`${what}: expected [${tokens.join(', ')}], got [${shape.join(', ')}]`);
  if (tokens.length !== shape.length) throw mismatch();
  const axes: Record<string, number> = {};
  for (const [position, size] of shape.entries()) {
    const token = tokens[position]!;
    const required = /^\d+$/.test(token) ? Number(token) : (axes[token] ?? size);
    if (size !== required) throw mismatch();
    axes[token] = size;
  }
  return axes as Record<AxisNames<Pattern>, number>; // every token was bound above
}
