import { describe, expect, it } from 'vitest';
import { type Surface, surfaceOf } from './surface-net.ts';

/** Volume inside a closed surface, by the divergence theorem: negative where triangles are seen from within. */
function volumeMl({ pointsRasMm: p, triangles: t }: Surface): number {
  let six = 0;
  for (let n = 0; n < t.length; n += 3) {
    const [a, b, c] = [3 * t[n]!, 3 * t[n + 1]!, 3 * t[n + 2]!];
    six +=
      p[a]! * (p[b + 1]! * p[c + 2]! - p[b + 2]! * p[c + 1]!) -
      p[a + 1]! * (p[b]! * p[c + 2]! - p[b + 2]! * p[c]!) +
      p[a + 2]! * (p[b]! * p[c + 1]! - p[b + 1]! * p[c]!);
  }
  return six / 6000;
}
/** Corners - edges + faces: 2 for each closed surface like a ball. */
function eulerCharacteristic({ pointsRasMm, triangles }: Surface): number {
  const edges = new Map<string, number>();
  for (let n = 0; n < triangles.length; n += 3)
    for (const [a, b] of [
      [0, 1],
      [1, 2],
      [2, 0],
    ] as const) {
      const [from, to] = [triangles[n + a]!, triangles[n + b]!];
      const key = from < to ? `${from},${to}` : `${to},${from}`;
      edges.set(key, (edges.get(key) ?? 0) + (from < to ? 1 : -1));
    }
  expect([...edges.values()].every((sum) => sum === 0)).toBe(true); // each edge once in each direction: closed
  return pointsRasMm.length / 3 - edges.size + triangles.length / 3;
}
function ballOf(size: readonly [number, number, number], spacing: readonly number[], radiusMm: number) {
  const centre = size.map((side) => (side - 1) / 2);
  const labels = new Uint8Array(size[0] * size[1] * size[2]);
  for (let n = 0; n < labels.length; n++) {
    const at = [n % size[0], Math.floor(n / size[0]) % size[1], Math.floor(n / (size[0] * size[1]))];
    const mm = Math.hypot(...at.map((part, axis) => (part - centre[axis]!) * spacing[axis]!));
    if (mm <= radiusMm) labels[n] = 3;
  }
  return labels;
}

describe('surface of a label', () => {
  it.each([
    [
      'right-handed',
      [
        [0.8, 0, 0, 5],
        [0, 1, 0, -40],
        [0, 0, 2.5, 12],
      ],
    ],
    [
      'left-handed',
      [
        [-0.8, 0, 0, 5],
        [0, 1, 0, -40],
        [0, 0, 2.5, 12],
      ],
    ],
    [
      'turned',
      [
        [0, 0, 2.5, 5],
        [0.8, 0, 0, -40],
        [0, 1, 0, 12],
      ],
    ],
  ] as const)(
    'holds the volume of a ball between uneven voxels, is closed and faces outwards: %s',
    (_, affineRasMm) => {
      const size = [49, 41, 17] as const;
      const surface = surfaceOf(ballOf(size, [0.8, 1, 2.5], 15), { size, affineRasMm }, 3)!;
      const ball = ((4 / 3) * Math.PI * 15 ** 3) / 1000;
      expect(volumeMl(surface) / ball).toBeGreaterThan(0.93);
      expect(volumeMl(surface) / ball).toBeLessThan(1.03);
      expect(eulerCharacteristic(surface)).toBe(2);
      const middle = [0, 1, 2].map(
        (row) =>
          affineRasMm[row]![3] + size.reduce((sum, side, n) => sum + (affineRasMm[row]![n]! * (side - 1)) / 2, 0),
      );
      let outward = 0;
      for (let n = 0; n < surface.pointsRasMm.length; n += 3) {
        const mm = Math.hypot(...middle.map((part, axis) => surface.pointsRasMm[n + axis]! - part));
        expect(Math.abs(mm - 15)).toBeLessThan(2); // within a voxel of the ball
        const outwards = middle.reduce(
          (sum, part, axis) => sum + (surface.pointsRasMm[n + axis]! - part) * surface.normals[n + axis]!,
          0,
        );
        expect(outwards / mm).toBeGreaterThan(0.3);
        outward += outwards / mm;
      }
      expect(outward / (surface.pointsRasMm.length / 3)).toBeGreaterThan(0.95);
    },
  );

  it('closes at the border of the scan, for one voxel too', () => {
    const size = [2, 1, 1] as const;
    const affineRasMm = [
      [1, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 1, 0],
    ];
    expect(eulerCharacteristic(surfaceOf(Uint8Array.of(1, 0), { size, affineRasMm }, 1)!)).toBe(2);
    expect(eulerCharacteristic(surfaceOf(Uint8Array.of(1, 1), { size, affineRasMm }, 1)!)).toBe(2);
  });

  it('is one for each island, and of its own label alone', () => {
    const size = [9, 3, 3] as const;
    const affineRasMm = [
      [1, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 1, 0],
    ];
    const labels = new Uint8Array(81);
    labels[1 + 9 * 4] = 1;
    labels[2 + 9 * 4] = 2;
    labels[6 + 9 * 4] = 1;
    expect(eulerCharacteristic(surfaceOf(labels, { size, affineRasMm }, 1)!)).toBe(4);
    expect(eulerCharacteristic(surfaceOf(labels, { size, affineRasMm }, 2)!)).toBe(2);
    expect(surfaceOf(labels, { size, affineRasMm }, 3)).toBeUndefined();
  });
});
