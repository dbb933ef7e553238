import type { Ports } from '../jobs/ports.ts';
import { type AuditLog, openAuditLog } from './audit-log.ts';
import { type DicomDecoder, decodeDicom } from './dicom/decode-dicom.ts';
import { openDicomFiles } from './dicom/dicom-files.ts';
import { readEvidence } from './evidence.ts';
import { homeFolder, resourcesFolder } from './folders.ts';
import { type FileScanLibrary, openScanLibrary } from './library/scan-library.ts';
import { type FileModelStore, openModelStore } from './models/model-store.ts';
import { ownPackage } from './package-folder.ts';
import { type FilePriorStore, openPriorStore } from './prior-store.ts';
import { resultFolders } from './result-folders.ts';
import { openRunStore } from './run-store.ts';
import { openScanFiles } from './scan-files.ts';
import { sourceStore } from './source-store.ts';

/** Every port that files can serve; the machine's comes from `compute`. */
export interface FilePorts extends Omit<Ports, 'machine'> {
  readonly models: FileModelStore;
  readonly priors: FilePriorStore;
  readonly library: FileScanLibrary;
  readonly audit: AuditLog;
  readonly home: string;
}

/** Opens the stores in the user's home folder and what was shipped. */
export function openPorts(
  home: string = homeFolder(),
  resources: string = resourcesFolder(),
  decoder: DicomDecoder = { decode: decodeDicom },
): FilePorts {
  const dicom = openDicomFiles(decoder);
  const audit = openAuditLog(home);
  const scans = openScanFiles(dicom);
  return {
    scans,
    library: openScanLibrary(home, scans.readVolume),
    audit,
    dicom,
    results: resultFolders,
    models: openModelStore({ home, resources, appVersion: ownPackage().version, audit }),
    priors: openPriorStore({ home, resources, audit }),
    sources: sourceStore,
    runs: openRunStore(home),
    evidence: () => readEvidence(resources),
    home,
  };
}
