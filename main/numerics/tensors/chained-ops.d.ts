// Types of the chained form (`x.add(y)`). At run time whoever loads a back end also loads @tensorflow/tfjs, which
// registers the chained ops and the gradients in the one copy of tfjs-core.
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js';
