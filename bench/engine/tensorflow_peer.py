"""TensorFlow in Python on the same network, weights and data. Usage: tensorflow_peer.py WORK DATA function|xla float32 THREADS [--check]"""

import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
work, data, compiled, _, threads = sys.argv[1:6]
import numpy
import tensorflow as tf
from worker import down_blocks, read_weights, serve

tf.config.threading.set_intra_op_parallelism_threads(int(threads))
arrays, image, truth = read_weights(data, numpy)
weights = {name: tf.Variable(value) for name, value in arrays.items()}
x, t = tf.constant(image), tf.constant(truth)
log_variance = {n: tf.Variable(tf.fill(w.shape, -6.0)) for n, w in weights.items() if w.shape[0] == 3} if work == "local" else {}


def double(x):
    """Trilinear, as two bilinear resizes."""
    b, d, h, w, c = x.shape
    plane = tf.image.resize(tf.reshape(x, [b * d, h, w, c]), [2 * h, 2 * w])
    return tf.reshape(tf.image.resize(tf.reshape(plane, [b, d, 4 * h * w, c]), [2 * d, 4 * h * w]), [b, 2 * d, 2 * h, 2 * w, c])


def logits(x, spread):
    def layer(name, x, stride=1):
        strides = [1, stride, stride, stride, 1]
        mean = tf.nn.conv3d(x, weights[name], strides, "SAME")
        if name not in spread:
            return mean
        variance = tf.nn.conv3d(tf.square(x), spread[name], strides, "SAME")
        return mean + tf.sqrt(variance + 1e-12) * tf.random.normal(mean.shape)

    def normalised(x):
        mean, variance = tf.nn.moments(x, [1, 2, 3], keepdims=True)
        return tf.nn.relu((x - mean) * tf.math.rsqrt(variance + 1e-5))

    def block(name, x):
        return layer(name, normalised(x))

    x = layer("input", x)
    skips = []
    for name, halves in down_blocks():
        if halves:
            skips.append(x)
            active = normalised(x)
            first, around = layer(name + "/conv-1", active, 2), layer(name + "/shortcut", active, 2)
        else:
            first, around = block(name + "/conv-1", x), x
        x = block(name + "/conv-2", first) + around
    for n in (1, 2, 3):
        merged = double(block(f"up-{n}/reduce", x)) + skips.pop()
        x = block(f"up-{n}/conv-2", block(f"up-{n}/conv-1", merged)) + merged
    return layer("head", x)


def loss_of(logits):
    log_probability = tf.nn.log_softmax(logits)
    probability = tf.exp(log_probability)
    space = [1, 2, 3]
    dice = (2 * tf.reduce_sum(probability * t, space) + 1e-3) / (tf.reduce_sum(probability, space) + tf.reduce_sum(t, space) + 1e-3)
    return 0.99 * (1 - tf.reduce_mean(dice[:, 1:])) - 0.01 * tf.reduce_mean(tf.reduce_sum(log_probability * t, -1))


@tf.function(jit_compile=compiled == "xla")
def run():
    if work == "inference":
        return tf.nn.softmax(logits(x, {}))
    variables = list(weights.values()) + list(log_variance.values())
    with tf.GradientTape() as tape:
        loss = loss_of(logits(x, {name: tf.exp(value) for name, value in log_variance.items()}))
    return loss, tape.gradient(loss, variables)


def step():
    result = run()
    return result.numpy() if work == "inference" else result[0].numpy()


if "--check" in sys.argv:
    loss, gradients = run()
    print(json.dumps({"loss": float(loss), "gradientNorms": {n: float(tf.norm(g)) for n, g in zip(weights, gradients)}}))
else:
    serve(step)
