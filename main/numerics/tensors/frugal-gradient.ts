import { engine, type Tensor, valueAndGrads } from '@tensorflow/tfjs-core';

/** The part of a node of tfjs-core's gradient tape that is read here. */
interface TapeNode {
  readonly saved?: readonly Tensor[] | undefined;
  /** Gradients with respect to the inputs, each made when it is called, from those of the outputs (null where there is none). */
  gradient?: ((outputs: Tensor[]) => Record<string, () => Tensor>) | undefined;
}

/**
 * `valueAndGrads` of tfjs-core that lets go, on its way back, of what it has used: tfjs keeps all that was saved and every gradient
 * of an activation to the end, about twice what the way forward holds. Not within another gradient.
 * @param f to a scalar
 */
export const frugalValueAndGrads = (
  f: (...inputs: Tensor[]) => Tensor,
): ((inputs: Tensor[]) => { value: Tensor; grads: Tensor[] }) =>
  valueAndGrads((...inputs: Tensor[]) => {
    const value = f(...inputs);
    const { activeTape, gradientDepth } = engine().state;
    if (activeTape && gradientDepth === 1) releaseOnTheWayBack(activeTape);
    return value;
  });

/** Nodes are gone through one after the other: when one begins, the one before has used what it was given. */
function releaseOnTheWayBack(tape: readonly TapeNode[]): void {
  let used: Tensor[] = [];
  const passedOn = new WeakSet<Tensor>(); // some ops give the gradient of their output as that of an input
  for (const node of tape) {
    const { gradient, saved = [] } = node;
    if (!gradient) continue;
    node.gradient = (outputs) => {
      for (const tensor of used) if (!passedOn.has(tensor)) tensor.dispose();
      used = [...outputs.filter((output) => output !== null), ...saved];
      const seen = new Set<Tensor>(used);
      const inputs = Object.entries(gradient(outputs));
      return Object.fromEntries(
        inputs.map(([name, make]) => [
          name,
          () => {
            const result = make();
            if (seen.has(result)) passedOn.add(result);
            seen.add(result);
            return result;
          },
        ]),
      );
    };
  }
}
