/** What the window gets of Electron beyond the web: paths of dropped files, the system's dialog, and the menu's wishes. */
const { contextBridge, ipcRenderer, webUtils } = require('electron') as typeof import('electron');

contextBridge.exposeInMainWorld('fewscan', {
  pathOf: (file: File) => webUtils.getPathForFile(file),
  chooseScans: () => ipcRenderer.invoke('choose-scans') as Promise<readonly string[]>,
  onMenu: (listener: (wish: string) => void) => {
    ipcRenderer.on('menu', (_event, wish: string) => listener(wish));
  },
  /** Files that the system asked us to open, once the window listens. */
  onOpenFiles: (listener: (paths: readonly string[]) => void) => {
    ipcRenderer.on('open-files', (_event, paths: readonly string[]) => listener(paths));
    ipcRenderer.send('listening');
  },
  /** Says whether something is not saved yet: closing then waits. */
  setUnsaved: (isUnsaved: boolean) => ipcRenderer.send('unsaved', isUnsaved),
});
