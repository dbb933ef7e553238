import { utilities as coreUtilities, init as initCore } from '@cornerstonejs/core';
import * as tools from '@cornerstonejs/tools';

/** What the left mouse button does. */
export type PointerTool =
  | 'crosshairs'
  | 'window'
  | 'pan'
  | 'zoom'
  | 'length'
  | 'brush'
  | 'sphere'
  | 'threshold'
  | 'erase'
  | 'erase-sphere'
  | 'scissors'
  | 'erase-scissors'
  | PageTool;

/** Tools of the page: the view does nothing of itself where they are chosen. */
export type PageTool = 'volume' | 'outline' | 'erase-outline';

const isOfPage = (tool: PointerTool): tool is PageTool => /^(volume|outline|erase-outline)$/.test(tool);

/** Cornerstone's name of each: brushes are instances of one tool with a strategy of their own. */
export const toolNames: Readonly<Record<Exclude<PointerTool, PageTool>, string>> = {
  crosshairs: 'Crosshairs',
  window: 'WindowLevel',
  pan: 'Pan',
  zoom: 'Zoom',
  length: 'Length',
  brush: 'CircularBrush',
  sphere: 'SphereBrush',
  threshold: 'ThresholdBrush',
  erase: 'CircularEraser',
  'erase-sphere': 'SphereEraser',
  scissors: 'CircleScissor',
  'erase-scissors': 'CircleEraseScissor',
};

const strategies = {
  CircularBrush: 'FILL_INSIDE_CIRCLE',
  SphereBrush: 'FILL_INSIDE_SPHERE',
  ThresholdBrush: 'THRESHOLD_INSIDE_CIRCLE',
  CircularEraser: 'ERASE_INSIDE_CIRCLE',
  SphereEraser: 'ERASE_INSIDE_SPHERE',
} as const;

const undoSteps = 200;
/** Readable over bright and dark. */
const distanceStyle = {
  color: '#ffd24d',
  lineWidth: '2',
  textBoxColor: '#ffffff',
  textBoxBackground: 'rgba(0, 0, 0, 0.75)',
  textBoxFontSize: '16px',
} as const;
let started: Promise<void> | undefined;

/** Once for the window. */
export function startCornerstone(): Promise<void> {
  started ??= (async () => {
    initCore();
    await tools.init();
    const {
      CrosshairsTool,
      WindowLevelTool,
      PanTool,
      ZoomTool,
      LengthTool,
      StackScrollTool,
      BrushTool,
      CircleScissorsTool,
    } = tools;
    for (const tool of [
      CrosshairsTool,
      WindowLevelTool,
      PanTool,
      ZoomTool,
      LengthTool,
      StackScrollTool,
      BrushTool,
      CircleScissorsTool,
    ])
      tools.addTool(tool);
    const { style } = tools.annotation.config;
    style.setDefaultToolStyles({
      ...style.getDefaultToolStyles(),
      global: { ...style.getDefaultToolStyles().global, ...distanceStyle },
    });
    forgetSteps();
  })();
  return started;
}

/** Empties undo and redo. */
export const forgetSteps = (): void => {
  coreUtilities.HistoryMemo.DefaultHistoryMemo.size = undoSteps;
};

const lineColours: Readonly<Record<string, string>> = { axial: '#d55e00', sagittal: '#f0e442', coronal: '#009e73' };

/** Tools of one view: left button as chosen, wheel scrolls, right zooms, middle pans. */
export function makeToolGroup(id: string, engineId: string, viewportIds: readonly string[]) {
  const group = tools.ToolGroupManager.createToolGroup(id)!; // undefined only where the id is taken
  for (const name of ['WindowLevel', 'Pan', 'Zoom', 'Length', 'StackScroll', 'CircleScissor']) group.addTool(name);
  group.addTool('Crosshairs', {
    getReferenceLineColor: (viewportId: string) => lineColours[viewportId.split('/').at(-1)!] ?? '#ffffff',
    getReferenceLineDraggableRotatable: () => true, // false stops clicks too
    getReferenceLineControllable: () => true,
    getReferenceLineSlabThicknessControlsOn: () => false,
    minimal: { enabled: true, lineLengthInPx: 10_000 }, // whole lines without the handles that turn planes: letters, keys and brushes know upright planes alone
  });
  for (const [name, activeStrategy] of Object.entries(strategies))
    group.addToolInstance(name, 'Brush', { activeStrategy });
  group.addToolInstance('CircleEraseScissor', 'CircleScissor', { activeStrategy: 'ERASE_INSIDE' });
  for (const viewportId of viewportIds) group.addViewport(viewportId, engineId);
  const { MouseBindings } = tools.Enums;
  group.setToolActive('StackScroll', { bindings: [{ mouseButton: MouseBindings.Wheel }] });
  group.setToolActive('Zoom', { bindings: [{ mouseButton: MouseBindings.Secondary }] });
  group.setToolActive('Pan', { bindings: [{ mouseButton: MouseBindings.Auxiliary }] });
  let current: PointerTool | undefined;
  return {
    group,
    choose(tool: PointerTool): void {
      if (current === tool) return;
      if (current === 'pan' || current === 'zoom') {
        const mouseButton = current === 'zoom' ? MouseBindings.Secondary : MouseBindings.Auxiliary;
        group.setToolActive(toolNames[current], { bindings: [{ mouseButton }] });
      } else if (current && !isOfPage(current)) group.setToolPassive(toolNames[current], { removeAllBindings: true });
      if (current === 'crosshairs') group.setToolDisabled('Crosshairs');
      if (!isOfPage(tool)) group.setToolActive(toolNames[tool], { bindings: [{ mouseButton: MouseBindings.Primary }] });
      current = tool;
    },
    destroy: () => {
      group.setToolDisabled('Crosshairs'); // else it keeps listening to elements that are gone, and holds them
      tools.ToolGroupManager.destroyToolGroup(id);
    },
  };
}
