/** The desktop shell: one window, our own scheme, nothing from elsewhere. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { app, BrowserWindow, dialog, ipcMain, Menu, powerSaveBlocker, protocol, screen, session } from 'electron';
import { openRoutes, type Routes } from '../compute/desktop/routes.ts';
import { homeFolder } from '../storage/folders.ts';
import { keepAwake } from './keep-awake.ts';
import { menuTemplate } from './menu.ts';
import { isOurs, isOwnPage, scansAmong, scheme, schemePrivileges, startPage, windowRights } from './own-pages.ts';
import { readWindowState, saveWindowState } from './window-state.ts';

const home = homeFolder();
let window: BrowserWindow | undefined;
let isUnsaved = false;
let toOpen = scansAmong(process.argv.slice(1));

if (!app.requestSingleInstanceLock()) app.quit();
else {
  protocol.registerSchemesAsPrivileged([{ scheme, privileges: schemePrivileges }]);
  app.enableSandbox();
  app.on('second-instance', (_event, args) => {
    open(scansAmong(args));
    if (window?.isMinimized()) window.restore();
    window?.focus();
  });
  app.on('open-file', (event, path) => {
    event.preventDefault();
    open([path]);
  });
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (event, address) => {
      if (!isOwnPage(address)) event.preventDefault();
    });
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  });
  app.on('window-all-closed', () => app.quit());
  void app.whenReady().then(begin);
}

/** Now, or as soon as the window listens. */
function open(paths: readonly string[]): void {
  if (paths.length === 0) return;
  if (window) window.webContents.send('open-files', paths);
  else toOpen = [...toOpen, ...paths];
}

async function begin(): Promise<void> {
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.defaultSession.setPermissionCheckHandler(() => false);
  session.defaultSession.webRequest.onBeforeRequest((details, answer) => answer({ cancel: !isOurs(details.url) }));
  // installers put models, priors and demo scans beside the archive
  const resources = app.isPackaged ? { resources: join(process.resourcesPath, 'resources') } : {};
  const routes = await openRoutes({ home, ...resources, onWorking: keepAwake(powerSaveBlocker) });
  protocol.handle(scheme, (request) =>
    isOwnPage(request.url) ? routes.answer(request) : new Response('Refused.', { status: 403 }),
  );
  ipcMain.handle('choose-scans', async () => {
    const properties = ['openFile', 'multiSelections', 'treatPackageAsDirectory'] as const;
    const chosen = await dialog.showOpenDialog(window!, { properties: [...properties] }); // asked from the window
    return chosen.filePaths;
  });
  ipcMain.on('unsaved', (_event, value: unknown) => {
    isUnsaved = value === true;
  });
  ipcMain.on('listening', ({ sender }) => {
    if (toOpen.length > 0) sender.send('open-files', toOpen);
    toOpen = [];
  });
  Menu.setApplicationMenu(
    Menu.buildFromTemplate(menuTemplate(process.platform, (wish) => window?.webContents.send('menu', wish))),
  );
  await openWindow(routes);
}

async function openWindow(routes: Routes): Promise<void> {
  const { isMaximized, ...bounds } = await readWindowState(
    home,
    screen.getAllDisplays().map(({ workArea }) => workArea),
  );
  window = new BrowserWindow({
    ...bounds,
    minWidth: 1000,
    minHeight: 640,
    show: false,
    backgroundColor: '#101318',
    webPreferences: {
      preload: fileURLToPath(new URL('./preload.cjs', import.meta.url)),
      ...windowRights,
    },
  });
  if (isMaximized) window.maximize();
  window.once('ready-to-show', () => window?.show());
  let isClosing = false;
  window.on('close', (event) => {
    if (isClosing) return;
    event.preventDefault();
    void (async () => {
      if (isUnsaved && !(await mayLeave())) return;
      const own = window!; // it is closing, not closed
      await saveWindowState(home, { ...own.getNormalBounds(), isMaximized: own.isMaximized() }).catch(() => undefined);
      await routes.close().catch(() => undefined); // a job that runs keeps its checkpoint
      isClosing = true;
      own.close();
    })();
  });
  window.on('closed', () => {
    window = undefined;
  });
  await window.loadURL(startPage);
}

/** Edits are saved by themselves within two seconds; longer only where the disk refuses. Then the person decides. */
async function mayLeave(): Promise<boolean> {
  const deadline = Date.now() + 5000;
  while (isUnsaved && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 100));
  if (!isUnsaved) return true;
  const { response } = await dialog.showMessageBox(window!, {
    type: 'warning',
    message: 'The last corrections could not be saved.',
    detail: 'Keep the window open, make room on the disk, and Fewscan saves them by itself.',
    buttons: ['Keep open', 'Close and lose them'],
    defaultId: 0,
    cancelId: 0,
  });
  return response === 1;
}
