/** What we use of dcmjs, which brings no types. */
declare module 'dcmjs' {
  interface DicomElement {
    readonly vr: string;
    readonly Value: readonly unknown[];
  }
  const dcmjs: {
    readonly data: {
      readonly DicomMetaDictionary: {
        /** A data set by keywords -> by tags. */
        denaturalizeDataset(dataSet: Readonly<Record<string, unknown>>): Record<string, DicomElement>;
      };
      readonly DicomDict: new (
        meta: Readonly<Record<string, DicomElement>>,
      ) => { dict: Record<string, DicomElement>; write(): ArrayBuffer };
    };
  };
  export default dcmjs;
}
