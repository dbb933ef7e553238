/**
 * How far samples are from showing every class equally often: categorical KL(N_k / N || uniform), nats, with 0 log 0 = 0; 0 at best, log K where
 * one class is all there is (methods 4: the lecture's Bernoulli formula diverges where a class is missing).
 */
export function labelDiversity(counts: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.reduce((sum, count) => {
    const share = count / total;
    return share === 0 ? sum : sum + share * Math.log(share * counts.length);
  }, 0);
}
