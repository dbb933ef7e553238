import type { DigitData } from './digit-images.ts';

/** Figures by method, then by number of tasks or components. */
export type PublishedFigures = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Rows in order of numbers of tasks. */
const byTasks = (tasks: readonly number[], rows: Readonly<Record<string, readonly number[]>>) =>
  Object.fromEntries(
    Object.entries(rows).map(([method, values]) => [
      method,
      Object.fromEntries(values.map((value, n) => [String(tasks[n]), value])),
    ]),
  );

const some = [2, 5, 10];
const all = [2, 3, 4, 5, 6, 7, 8, 9, 10];

/** NLL in nats on the test images of the tasks seen (arXiv 1908.11853; Boo and Boo + EWC after each task, the others where given). */
export const publishedNll: Readonly<Record<DigitData, PublishedFigures>> = {
  mnist: {
    ...byTasks(some, {
      standard: [343.54, 197.02, 186.79],
      ewc: [256.55, 192.84, 170.26],
      mog: [96.5, 143.44, 181.53],
    }),
    ...byTasks(all, {
      boo: [100.11, 104.33, 118.78, 132.08, 135.42, 142.21, 140.8, 141.7, 142.92],
      'boo+ewc': [97.49, 102.9, 117.07, 130.8, 131.83, 137.38, 138.47, 140.13, 140.68],
    }),
  },
  fashion: {
    ...byTasks(some, {
      standard: [262.22, 272.87, 964.9],
      ewc: [271.14, 270.44, 427.83],
      mog: [239.43, 264.51, 440.96],
    }),
    ...byTasks(all, {
      boo: [227.83, 255.85, 248.96, 253.12, 250.87, 250.87, 260.05, 256.42, 284.86],
      'boo+ewc': [229.81, 256.47, 249.08, 253.26, 250.64, 253.5, 250.3, 256.33, 256.58],
    }),
  },
};

/** KL from uniform of the classes of generated images. */
export const publishedDiversity: Readonly<Record<DigitData, PublishedFigures>> = {
  mnist: byTasks([10], { standard: [2.26], mog: [1.23], boo: [0.03] }),
  fashion: byTasks([10], { standard: [2.2], mog: [0.52], boo: [0.06] }),
};

const components = [10, 20, 50, 100, 500];

/** NLL in nats on all test images, one training on all classes, by number of components. */
export const publishedOfflineNll: Readonly<Record<DigitData, PublishedFigures>> = {
  mnist: byTasks(components, {
    vamp: [90.39, 89.97, 89.4, 89.16, 88.82],
    boo: [89.98, 89.78, 89.16, 88.9, 88.68],
  }),
  fashion: byTasks(components, {
    vamp: [232.53, 232.22, 232.19, 232.01, 231.67],
    boo: [231.94, 231.84, 231.63, 231.55, 231.85],
  }),
};
