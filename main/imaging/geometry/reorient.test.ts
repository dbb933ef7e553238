import { describe, expect, test } from 'vitest';
import { affineOf, allOrientations, countedVolume, tilted, worldMap } from '../../../tests/imaging-oracle.ts';
import { inverseTurn, orientationCode, turnTo } from './orientation.ts';
import { reorient, turnVolume } from './reorient.ts';

describe('reorient', () => {
  test('there are 48 orientations', () => {
    expect(new Set(allOrientations).size).toBe(48);
  });

  for (const degrees of [0, 17, 31]) {
    test(`every value keeps its place in the world, 48 orientations tilted by ${degrees} degrees`, () => {
      for (const code of allOrientations) {
        const grid = { size: [2, 3, 4], affineRasMm: tilted(affineOf(code), degrees) } as const;
        const volume = countedVolume(grid, 2);
        const turned = reorient(volume, 'RAS');
        expect(orientationCode(turned.affineRasMm)).toBe('RAS');
        expect(worldMap(turned)).toEqual(worldMap(volume));
      }
    });
  }

  test('the inverse turn gives back the same bytes and grid', () => {
    for (const code of allOrientations) {
      const volume = countedVolume({ size: [2, 3, 4], affineRasMm: affineOf(code) });
      const turn = turnTo(volume.affineRasMm, 'LIA');
      expect(turnVolume(turnVolume(volume, turn), inverseTurn(turn))).toEqual(volume);
    }
  });

  test('any orientation can be asked for', () => {
    const volume = countedVolume({ size: [2, 3, 4], affineRasMm: affineOf('PIR') });
    for (const code of allOrientations) {
      const turned = reorient(volume, code);
      expect(orientationCode(turned.affineRasMm)).toBe(code);
      expect(worldMap(turned)).toEqual(worldMap(volume));
    }
  });

  test('a code that names an axis twice is refused', () => {
    expect(() => reorient(countedVolume({ size: [1, 1, 1], affineRasMm: affineOf('RAS') }), 'RLS')).toThrow(RangeError);
  });
});
