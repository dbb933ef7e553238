import '@kitware/vtk.js/Rendering/Profiles/Geometry';
import vtkDataArray from '@kitware/vtk.js/Common/Core/DataArray';
import vtkPolyData from '@kitware/vtk.js/Common/DataModel/PolyData';
import vtkOrientationMarkerWidget from '@kitware/vtk.js/Interaction/Widgets/OrientationMarkerWidget';
import vtkActor from '@kitware/vtk.js/Rendering/Core/Actor';
import vtkAnnotatedCubeActor from '@kitware/vtk.js/Rendering/Core/AnnotatedCubeActor';
import vtkMapper from '@kitware/vtk.js/Rendering/Core/Mapper';
import vtkGenericRenderWindow from '@kitware/vtk.js/Rendering/Misc/GenericRenderWindow';
import type { VoxelHeader } from '../../contract/app/voxel-message.ts';
import { colourOf } from './colours.ts';
import { surfaceOf } from './surface-net.ts';

/** Surfaces of structures that the mouse turns (left), moves (middle) and brings near (wheel). World is RAS+ mm. */
export interface SurfaceView {
  /** Makes the surfaces of these labels anew. Resolves when they are on the screen; a later call ends an earlier one. */
  show(labels: Uint8Array, header: VoxelHeader): Promise<void>;
  /** Degrees to the right and up, as if the structure were turned by hand. */
  turn(right: number, up: number): void;
  zoom(factor: number): void;
  /** From the front, all in view. */
  reset(): void;
  resize(): void;
  close(): void;
}

const cube = { plus: ['R', 'A', 'S'], minus: ['L', 'P', 'I'] } as const;
const breath = () => new Promise((resolve) => setTimeout(resolve, 0));

export function openSurfaceView(element: HTMLDivElement): SurfaceView {
  const view = vtkGenericRenderWindow.newInstance({ background: [0.03, 0.04, 0.05], listenWindowResize: false });
  view.setContainer(element);
  const renderer = view.getRenderer();
  const camera = renderer.getActiveCamera();
  const marker = orientationCube(view.getInteractor());
  const shown: ReturnType<typeof actorOf>[] = [];
  let call = 0;
  let isPlaced = false;
  const render = () => {
    renderer.resetCameraClippingRange();
    view.getRenderWindow().render();
  };
  const reset = () => {
    camera.setPosition(0, 1, 0);
    camera.setFocalPoint(0, 0, 0);
    camera.setViewUp(0, 0, 1);
    renderer.resetCamera();
    render();
  };
  const clear = () => {
    for (const { actor, close } of shown.splice(0)) {
      renderer.removeActor(actor);
      close();
    }
  };
  return {
    async show(labels, header) {
      const own = ++call;
      const next: ReturnType<typeof actorOf>[] = [];
      for (const label of new Set(labels)) {
        if (label === 0) continue;
        await breath();
        if (own !== call) break;
        const surface = surfaceOf(labels, header, label);
        if (surface) next.push(actorOf(surface, label));
      }
      if (own !== call) {
        for (const { close } of next) close();
        return;
      }
      clear();
      for (const one of next) renderer.addActor(one.actor);
      shown.push(...next);
      if (!isPlaced && next.length > 0) {
        isPlaced = true;
        reset();
      } else render();
    },
    turn(right, up) {
      camera.azimuth(-right);
      camera.elevation(-up);
      camera.orthogonalizeViewUp();
      marker.updateMarkerOrientation();
      render();
    },
    zoom(factor) {
      camera.dolly(factor);
      render();
    },
    reset,
    resize: () => view.resize(),
    close() {
      call++;
      clear();
      marker.setEnabled(false);
      marker.delete();
      view.delete();
    },
  };
}

function actorOf({ pointsRasMm, triangles, normals }: NonNullable<ReturnType<typeof surfaceOf>>, label: number) {
  const polys = new Uint32Array((triangles.length / 3) * 4);
  for (let n = 0, to = 0; n < triangles.length; n += 3) {
    polys[to++] = 3;
    polys[to++] = triangles[n]!;
    polys[to++] = triangles[n + 1]!;
    polys[to++] = triangles[n + 2]!;
  }
  const data = vtkPolyData.newInstance();
  data.getPoints().setData(pointsRasMm, 3);
  data.getPolys().setData(polys);
  data.getPointData().setNormals(vtkDataArray.newInstance({ name: 'Normals', values: normals, numberOfComponents: 3 }));
  const mapper = vtkMapper.newInstance({ scalarVisibility: false });
  mapper.setInputData(data);
  const actor = vtkActor.newInstance();
  actor.setMapper(mapper);
  const [red, green, blue] = colourOf(label);
  actor.getProperty().setColor(red / 255, green / 255, blue / 255);
  actor.getProperty().setSpecular(0.15);
  actor.getProperty().setAmbient(0.15);
  return {
    actor,
    close: () => {
      for (const one of [actor, mapper, data]) one.delete();
    },
  };
}

/** A small cube with the letters of the body's sides, at the lower left. */
function orientationCube(
  interactor: ReturnType<ReturnType<typeof vtkGenericRenderWindow.newInstance>['getInteractor']>,
) {
  const actor = vtkAnnotatedCubeActor.newInstance();
  actor.setDefaultStyle({ faceColor: '#232933', fontColor: '#ffffff', edgeColor: '#6b7686', edgeThickness: 0.06 });
  actor.setXPlusFaceProperty({ text: cube.plus[0], faceRotation: 90 });
  actor.setXMinusFaceProperty({ text: cube.minus[0], faceRotation: -90 });
  actor.setYPlusFaceProperty({ text: cube.plus[1], faceRotation: 180 });
  actor.setYMinusFaceProperty({ text: cube.minus[1] });
  actor.setZPlusFaceProperty({ text: cube.plus[2], faceRotation: 180 });
  actor.setZMinusFaceProperty({ text: cube.minus[2] });
  const marker = vtkOrientationMarkerWidget.newInstance({ actor, interactor });
  marker.setEnabled(true);
  marker.setViewportCorner(vtkOrientationMarkerWidget.Corners.BOTTOM_LEFT);
  marker.setViewportSize(0.16);
  marker.setMinPixelSize(56);
  marker.setMaxPixelSize(96);
  return marker;
}
