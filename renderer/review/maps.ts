/** Maps of a result that can lie over the planes, what their values are, and the value that has the brightest colour. */
export const maps = [
  { key: '', name: 'none', unit: '', most: 1 },
  { key: 'predictive-entropy', name: 'All doubt (entropy)', unit: 'nats', most: 0.7 },
  { key: 'mutual-information', name: 'Samples disagree (mutual information)', unit: 'nats', most: 0.3 },
  { key: 'expected-entropy', name: 'Each sample is unsure (expected entropy)', unit: 'nats', most: 0.7 },
  { key: 'variance', name: 'Foreground varies (variance)', unit: 'probability squared', most: 0.25 },
] as const;
