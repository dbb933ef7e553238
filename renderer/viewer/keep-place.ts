import type { Types } from '@cornerstonejs/core';

/**
 * Makes planes stay where they are when labels, outlines or maps are put over them. Cornerstone fits a plane anew for each and
 * puts it back, and crosshairs that hear of it move the other planes: a person who looks at a place would lose it, and each
 * time that a result sharpens.
 * @param restore brings all planes and the crosshair to where they meet
 */
export function keepPlace(
  viewports: readonly Types.IVolumeViewport[],
  centre: () => readonly [number, number, number],
  restore: (pointRasMm: readonly [number, number, number]) => void,
): void {
  for (const viewport of viewports) {
    const add = viewport.addActors.bind(viewport);
    viewport.addActors = (actors) => {
      const place = centre();
      const cameras = viewports.map((one) => one.getCamera());
      add(actors);
      for (const [n, one] of viewports.entries()) one.setCamera(cameras[n]!);
      restore(place);
    };
  }
}
