#!/bin/sh
# rten 0.27.0 (crates.io): a valid ONNX Conv that states neither kernel_shape nor strides and dilations loads, and
# then fails when it runs. ONNX lets all be left out: the shape follows from the weights, strides and dilations are 1.
# ONNX Runtime 1.32.0 (PyPI) runs the file. Seen:
#   ONNX Runtime:   [1, 1, 2, 2]
#   rten, stated:   [1, 1, 2, 2]
#   rten, left out: loaded, then an error that tells of strides
# In the gateway: the page reader's own nets state them; so do PP-OCR's.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check onnx==1.23.2 onnxruntime==1.32.0 numpy
cat >"$work/make.py" <<'PY'
import sys

import numpy as np
import onnxruntime
from onnx import TensorProto, checker, helper, numpy_helper, save

folder = sys.argv[1]
for name, stated in (("stated", {"kernel_shape": [3, 3], "dilations": [1, 1]}), ("left-out", {})):
    node = helper.make_node("Conv", ["x", "w"], ["y"], **stated)
    weights = numpy_helper.from_array(np.ones((1, 1, 3, 3), np.float32), "w")
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [node],
        "conv",
        [value("x", TensorProto.FLOAT, [1, 1, 4, 4])],
        [value("y", TensorProto.FLOAT, [1, 1, 2, 2])],
        [weights],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    checker.check_model(model)
    save(model, f"{folder}/{name}.onnx")
session = onnxruntime.InferenceSession(f"{folder}/left-out.onnx")
(answer,) = session.run(None, {"x": np.ones((1, 1, 4, 4), np.float32)})
print("ONNX Runtime:", list(answer.shape))
PY
mkdir -p "$work/run/src"
cat >"$work/run/Cargo.toml" <<'TOML'
[package]
name = "run"
version = "0.1.0"
edition = "2024"
[dependencies]
rten = { version = "=0.27.0", default-features = false, features = ["onnx_format"] }
rten-tensor = "=0.27.0"
TOML
cat >"$work/run/src/main.rs" <<'RS'
use rten::Model;
use rten_tensor::{NdTensor, prelude::*};

fn main() {
    let folder = std::env::args().nth(1).unwrap();
    for (file, told) in [("stated", "stated"), ("left-out", "left out")] {
        let model = Model::load_file(format!("{folder}/{file}.onnx")).unwrap();
        let x = NdTensor::<f32, 4>::full([1, 1, 4, 4], 1.0);
        match model.run_one(x.view().into(), None) {
            Ok(answer) => println!("rten, {told}: {:?}", answer.shape().to_vec()),
            Err(error) if format!("{error:?}").contains("stride") => {
                println!("rten, {told}: loaded, then an error that tells of strides");
            }
            Err(error) => println!("rten, {told}: {error:?}"),
        }
    }
}
RS
{
    "$work/venv/bin/python" "$work/make.py" "$work"
    cargo run --quiet --manifest-path "$work/run/Cargo.toml" -- "$work"
} >"$work/seen" 2>"$work/errors" || cat "$work/errors"
cat "$work/seen"
cat >"$work/expected" <<'TEXT'
ONNX Runtime: [1, 1, 2, 2]
rten, stated: [1, 1, 2, 2]
rten, left out: loaded, then an error that tells of strides
TEXT
cmp "$work/expected" "$work/seen"
