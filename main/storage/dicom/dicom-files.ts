import type { DicomFiles } from '../../jobs/ports.ts';
import type { DicomDecoder } from './decode-dicom.ts';
import { scanDicom } from './scan-dicom.ts';

/** DICOM as files, folders and zips; `decoder` says in which process pixels are decoded. */
export const openDicomFiles = ({ decode, prepare }: DicomDecoder): DicomFiles => ({
  scan: (inputs, context) => {
    prepare?.();
    return scanDicom(inputs, context);
  },
  readPart: (scan, { slices, plan, pictures, refusal, segmentation }) => {
    if (segmentation) return decode({ segmentation: scan.sources[segmentation.file]! });
    if (pictures) return decode({ sources: scan.sources, slices, pictures });
    if (!plan) throw refusal ?? new RangeError('a part without a plan has a refusal');
    return decode({ sources: scan.sources, slices, plan });
  },
});
