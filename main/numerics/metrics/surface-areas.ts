import type { Triple } from './distance-transform.ts';

type Point = readonly [number, number, number];

/** Corners of a cell of 2 x 2 x 2 voxel centres; corner number c has bit c of the cell's code. */
const corners: readonly Point[] = Array.from({ length: 8 }, (_, c): Point => [c & 1, (c >> 1) & 1, c >> 2]);

/**
 * Area of the surface through a cell, mm^2, for each of the 256 ways its corners can lie inside: marching cubes (Lorensen and
 * Cline 1987) through edge midpoints, inside corners that touch only across a face being separate, and no cell differing from
 * its complement. A loop of more than three midpoints is cut into triangles of the greatest area at unit spacing: that is the
 * convention of DeepMind's surface-distance package, whose areas these are.
 */
export function surfaceAreas(spacingMm: Triple): Float64Array {
  const scale: Triple = [spacingMm[1] * spacingMm[2], spacingMm[0] * spacingMm[2], spacingMm[0] * spacingMm[1]];
  return Float64Array.from({ length: 256 }, (_, code) =>
    trianglesOf(code).reduce((sum, normal) => sum + Math.hypot(...normal.map((part, axis) => part * scale[axis]!)), 0),
  );
}

const known = new Map<number, readonly Point[]>();

/** Area vectors of a code's triangles at unit spacing. */
function trianglesOf(code: number): readonly Point[] {
  const few = bitCount(code) > 4 ? 255 - code : code;
  const found = known.get(few) ?? loopsOf(few).flatMap((loop) => widestTriangulation(loop).normals);
  known.set(few, found);
  return found;
}

const bitCount = (code: number): number => corners.filter((_, c) => (code >> c) & 1).length;

/** Closed lines of edge midpoints around the inside corners. */
function loopsOf(code: number): readonly (readonly Point[])[] {
  const next = new Map<string, Point[]>();
  for (const [from, to] of facesOf().flatMap((face) => segmentsOf(face, code))) {
    next.set(from.join(), [...(next.get(from.join()) ?? []), to]);
    next.set(to.join(), [...(next.get(to.join()) ?? []), from]);
  }
  const loops: Point[][] = [];
  const seen = new Set<string>();
  for (const start of [...next.values()].flat()) {
    const loop: Point[] = [];
    for (
      let at: Point | undefined = start;
      at && !seen.has(at.join());
      at = next.get(at.join())!.find((point) => !seen.has(point.join()))
    ) {
      seen.add(at.join());
      loop.push(at);
    }
    if (loop.length > 0) loops.push(loop);
  }
  return loops;
}

/** The six faces as cycles of four corners. */
function facesOf(): readonly (readonly Point[])[] {
  return [0, 1, 2].flatMap((axis) =>
    [0, 1].map((side) =>
      [
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 1],
      ].map(([u, v]): Point => {
        const point: [number, number, number] = [0, 0, 0];
        point[axis] = side;
        point[(axis + 1) % 3] = u!;
        point[(axis + 2) % 3] = v!;
        return point;
      }),
    ),
  );
}

/** Where the surface crosses a face: one line, or one around each inside corner where two lie opposite. */
function segmentsOf(face: readonly Point[], code: number): readonly (readonly [Point, Point])[] {
  const inside = face.map(([x, y, z]) => ((code >> (x + 2 * y + 4 * z)) & 1) === 1);
  const midpoint = (n: number): Point => {
    const [a, b] = [face[n]!, face[(n + 1) % 4]!];
    return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2];
  };
  const crossed = [0, 1, 2, 3].filter((n) => inside[n] !== inside[(n + 1) % 4]);
  if (crossed.length === 2) return [[midpoint(crossed[0]!), midpoint(crossed[1]!)]];
  if (crossed.length === 0) return [];
  return [0, 1, 2, 3].filter((n) => inside[n]).map((n) => [midpoint((n + 3) % 4), midpoint(n)]);
}

interface Triangulation {
  readonly area: number;
  readonly normals: readonly Point[];
}

/** Of all ways to cut a polygon into triangles the one of the greatest area. */
function widestTriangulation(polygon: readonly Point[]): Triangulation {
  if (polygon.length < 3) return { area: 0, normals: [] };
  const [first, last] = [polygon[0]!, polygon.at(-1)!];
  const options = polygon.slice(1, -1).map((middle, n): Triangulation => {
    const normal = areaVector(first, middle, last);
    const [left, right] = [widestTriangulation(polygon.slice(0, n + 2)), widestTriangulation(polygon.slice(n + 1))];
    return {
      area: Math.hypot(...normal) + left.area + right.area,
      normals: [normal, ...left.normals, ...right.normals],
    };
  });
  return options.reduce((widest, option) => (option.area > widest.area + 1e-9 ? option : widest));
}

function areaVector(p: Point, q: Point, r: Point): Point {
  const [a, b] = [q, r].map((point) => point.map((x, axis) => x - p[axis]!)) as [number[], number[]];
  return [
    (a[1]! * b[2]! - a[2]! * b[1]!) / 2,
    (a[2]! * b[0]! - a[0]! * b[2]!) / 2,
    (a[0]! * b[1]! - a[1]! * b[0]!) / 2,
  ];
}
