import { describe, expect, it } from 'vitest';
import { rootKey } from '../tensors/random.ts';
import { borderShifts, normalQuantile } from './border-shifts.ts';

describe('the border of a scan', () => {
  it('has the quantiles of the normal distribution', () => {
    // from tables of the normal distribution
    const known = { 0.5: 0, 0.75: 0.6744897501960817, 0.95: 1.6448536269514722, 0.975: 1.959963984540054 };
    for (const [p, quantile] of Object.entries(known)) {
      expect(normalQuantile(Number(p))).toBeCloseTo(quantile, 12);
      expect(normalQuantile(1 - Number(p))).toBeCloseTo(-quantile, 12);
    }
    expect(normalQuantile(0.9995)).toBeCloseTo(3.2905267314918945, 10);
  });

  it('spans 5 to 95 % of it with 19 samples, whatever the seed, in an order of the seed', () => {
    const [one, other] = [borderShifts(19, 2, rootKey(1)), borderShifts(19, 2, rootKey(2))];
    const sorted = (shifts: readonly number[]) => [...shifts].sort((a, b) => a - b);
    expect(sorted(one)).toEqual(sorted(other));
    expect(one).not.toEqual(other);
    expect(Math.max(...one)).toBeCloseTo(2 * 1.6448536269514722, 10);
    expect(one.reduce((sum, shift) => sum + shift, 0)).toBeCloseTo(0, 10);
    expect(borderShifts(1, 2, rootKey(1))[0]).toBeCloseTo(0, 12);
  });
});
