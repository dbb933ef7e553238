/** How the review page is divided, in the order in which the key goes through them. */
export const layouts = [
  { key: 'planes', name: 'Three planes' },
  { key: 'surfaces', name: 'Planes and 3-D' },
  { key: 'large', name: 'One large plane' },
  { key: 'compare', name: 'Compare two' },
] as const;
export type Layout = (typeof layouts)[number]['key'];

export const layoutAfter = (layout: Layout): Layout =>
  layouts[(layouts.findIndex(({ key }) => key === layout) + 1) % layouts.length]!.key;
