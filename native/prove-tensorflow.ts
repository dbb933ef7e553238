/** Run as a process of its own by set-up: one convolution whose result is known. Exits 0 when it is right. */
import { loadTensorflow } from './load-tensorflow.ts';

const tf = loadTensorflow((reason) => process.stderr.write(`${reason}\n`));
if (!tf) process.exit(1);
const image = tf.ones<import('@tensorflow/tfjs-core').Rank.R5>([1, 4, 4, 4, 1]);
const sums = tf.conv3d(image, tf.ones<import('@tensorflow/tfjs-core').Rank.R5>([3, 3, 3, 1, 2]), 1, 'valid').dataSync();
const isRight = tf.getBackend() === 'tensorflow' && sums.length === 16 && sums.every((sum) => sum === 27);
process.stdout.write(`${JSON.stringify({ backend: tf.getBackend(), isRight })}\n`);
process.exit(isRight ? 0 : 1);
