/** Dice of one label in two images; undefined where it is in neither. */
export function diceOf(a: ArrayLike<number>, b: ArrayLike<number>, label: number): number | undefined {
  let [shared, sum] = [0, 0];
  for (let n = 0; n < a.length; n++) {
    const [inA, inB] = [a[n] === label, b[n] === label];
    if (inA && inB) shared++;
    sum += Number(inA) + Number(inB);
  }
  return sum === 0 ? undefined : (2 * shared) / sum;
}
