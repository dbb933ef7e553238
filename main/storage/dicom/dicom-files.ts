import type { DicomFiles } from '../../jobs/ports.ts';
import type { DecodeDicom } from './decode-dicom.ts';
import { scanDicom } from './scan-dicom.ts';

/** DICOM as files, folders and zips; `decode` says in which process pixels are decoded. */
export const openDicomFiles = (decode: DecodeDicom): DicomFiles => ({
  scan: scanDicom,
  readPart: (scan, { slices, plan, refusal, segmentation }) => {
    if (segmentation) return decode({ segmentation: scan.sources[segmentation.file]! });
    if (!plan) throw refusal ?? new RangeError('a part without a plan has a refusal');
    return decode({ sources: scan.sources, slices, plan });
  },
});
