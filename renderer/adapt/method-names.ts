/** What people read for an arm, in the app. */
export const methodNames: Readonly<Record<string, string>> = {
  dwp: 'Deep Weight Prior (Bayesian)',
  auto: 'Chosen by cross-validation on these scans',
  pr: 'Pretrained, fine-tuned',
  l2sp: 'Pretrained, held near its start (L2-SP)',
  ri: 'From random weights',
  'dwp-from-pr': 'Deep Weight Prior, after fine-tuning',
  mpvi: 'Mixture of Deep Weight Priors',
  lowrank: 'Gaussian of low rank as the prior',
  prf: 'Pretrained, outer layers fine-tuned',
  ensemble: 'Five networks from random weights',
  'pr-ensemble': 'Five pretrained networks',
};
