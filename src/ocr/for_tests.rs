//! A page reader of made-up nets, and pages that it reads: an `A` is a bar whose upper half is black, a `B` one whose
//! lower half is, and a blank is black; all stand on a grey band.

use std::fs;

use image::{Rgb, RgbImage};
use prost::Message;

/// Width and height of a character, and the grey band between two, in pixels.
const GLYPH: (u32, u32, u32) = (10, 16, 8);

/// Writes the reader into a folder. It knows `characters`, of `A`, `B` and the blank.
pub fn folder(characters: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write =
        |name: &str, contents: &[u8]| fs::write(folder.path().join(name), contents).unwrap();
    write("reader.toml", b"form = \"receipt-gateway\"\n");
    write("characters.txt", format!("{characters}\n").as_bytes());
    write("detection.onnx", &detection().encode_to_vec());
    write("recognition.onnx", &recognition(characters).encode_to_vec());
    folder
}

/// Returns a white page with texts at (left, top).
pub fn page(texts: &[(u32, u32, &str)]) -> RgbImage {
    let mut page = RgbImage::from_pixel(320, 256, Rgb([255; 3]));
    let (width, height, gap) = GLYPH;
    for (left, top, text) in texts {
        let length = text.len() as u32 * (width + gap) - gap;
        fill(&mut page, (left - 4, *top), (length + 8, height), 140);
        for (at, character) in text.chars().enumerate() {
            let left = left + at as u32 * (width + gap);
            let (from, rows) = match character {
                'A' => (0, height / 2),
                'B' => (height / 2, height / 2),
                _ => (0, height),
            };
            fill(&mut page, (left, top + from), (width, rows), 0);
        }
    }
    page
}

fn fill(page: &mut RgbImage, (left, top): (u32, u32), (width, height): (u32, u32), level: u8) {
    for (x, y) in (left..left + width).flat_map(|x| (top..top + height).map(move |y| (x, y))) {
        page.put_pixel(x, y, Rgb([level; 3]));
    }
}

/// Marks cells that are dark on the whole, and tells that the edges are half a character away.
fn detection() -> Model {
    let edge = GLYPH.1 as f32 / 2.0;
    let mut graph = Graph::default();
    graph.constant("dark", &[1, 1, 4, 4], &[20.0 / 16.0; 16]);
    graph.constant("dark_bias", &[1], &[-6.0]);
    graph.constant("edge", &[2, 1, 4, 4], &[0.0; 32]);
    graph.constant("edge_bias", &[2], &[edge, edge]);
    let strides = || strides(&[4, 4]);
    graph.node("Conv", &["page", "dark", "dark_bias"], "logits", strides());
    graph.node("Sigmoid", &["logits"], "core", vec![]);
    graph.node("Conv", &["page", "edge", "edge_bias"], "edges", strides());
    let axis = vec![Attribute::int("axis", 1)];
    graph.node("Concat", &["core", "edges"], "text", axis);
    graph.finish("page", "text")
}

/// Compares the upper and the lower half of each step's columns.
fn recognition(characters: &str) -> Model {
    let mut weights = vec![0.0; 32 * 4];
    let mut biases = vec![0.0];
    for character in characters.chars() {
        let (upper, lower, bias) = match character {
            'A' => (40.0, -40.0, -10.0),
            'B' => (-40.0, 40.0, -10.0),
            _ => (60.0, 60.0, -103.0),
        };
        for row in 0..32 {
            let weight = match row {
                4..=15 => upper,
                17..=28 => lower,
                _ => 0.0,
            };
            weights.extend([weight / 48.0; 4]);
        }
        biases.push(bias);
    }
    let classes = i64::try_from(biases.len()).unwrap();
    let mut graph = Graph::default();
    graph.constant("halves", &[classes, 1, 32, 4], &weights);
    graph.constant("bias", &[classes], &biases);
    graph.initializers.push(Tensor {
        dims: vec![1],
        data_type: 7,
        int64_data: vec![2],
        name: "rows".into(),
        ..Tensor::default()
    });
    let strides = strides(&[32, 4]);
    graph.node("Conv", &["lines", "halves", "bias"], "scores", strides);
    graph.node("Squeeze", &["scores", "rows"], "flat", vec![]);
    let order = vec![Attribute::ints("perm", &[0, 2, 1])];
    graph.node("Transpose", &["flat"], "steps", order);
    let axis = vec![Attribute::int("axis", -1)];
    graph.node("LogSoftmax", &["steps"], "classes", axis);
    graph.finish("lines", "classes")
}

/// Returns the attributes of a convolution without overlap.
fn strides(strides: &[i64]) -> Vec<Attribute> {
    vec![
        Attribute::ints("strides", strides),
        Attribute::ints("kernel_shape", strides),
        Attribute::ints("dilations", &[1, 1]),
        Attribute::ints("pads", &[0; 4]),
    ]
}

// The parts of ONNX's messages that these nets need: <https://github.com/onnx/onnx/blob/main/onnx/onnx.proto>.

#[derive(Message)]
struct Model {
    #[prost(int64, tag = "1")]
    ir_version: i64,
    #[prost(message, optional, tag = "7")]
    graph: Option<Graph>,
    #[prost(message, repeated, tag = "8")]
    opsets: Vec<Opset>,
}

#[derive(Message)]
struct Opset {
    #[prost(string, tag = "1")]
    domain: String,
    #[prost(int64, tag = "2")]
    version: i64,
}

#[derive(Message)]
struct Graph {
    #[prost(message, repeated, tag = "1")]
    nodes: Vec<Node>,
    #[prost(message, repeated, tag = "5")]
    initializers: Vec<Tensor>,
    #[prost(message, repeated, tag = "11")]
    inputs: Vec<ValueInfo>,
    #[prost(message, repeated, tag = "12")]
    outputs: Vec<ValueInfo>,
}

#[derive(Message)]
struct Node {
    #[prost(string, repeated, tag = "1")]
    inputs: Vec<String>,
    #[prost(string, repeated, tag = "2")]
    outputs: Vec<String>,
    #[prost(string, tag = "3")]
    name: String,
    #[prost(string, tag = "4")]
    operator: String,
    #[prost(message, repeated, tag = "5")]
    attributes: Vec<Attribute>,
}

#[derive(Message)]
struct Attribute {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(int64, tag = "3")]
    int: i64,
    #[prost(int64, repeated, packed = "false", tag = "8")]
    ints: Vec<i64>,
    #[prost(int32, tag = "20")]
    kind: i32,
}

#[derive(Message)]
struct Tensor {
    #[prost(int64, repeated, packed = "false", tag = "1")]
    dims: Vec<i64>,
    #[prost(int32, tag = "2")]
    data_type: i32,
    #[prost(float, repeated, tag = "4")]
    float_data: Vec<f32>,
    #[prost(int64, repeated, tag = "7")]
    int64_data: Vec<i64>,
    #[prost(string, tag = "8")]
    name: String,
}

#[derive(Message)]
struct ValueInfo {
    #[prost(string, tag = "1")]
    name: String,
}

impl Graph {
    fn constant(&mut self, name: &str, dims: &[i64], values: &[f32]) {
        self.initializers.push(Tensor {
            dims: dims.to_vec(),
            data_type: 1,
            float_data: values.to_vec(),
            name: name.into(),
            ..Tensor::default()
        });
    }

    fn node(&mut self, operator: &str, inputs: &[&str], output: &str, attributes: Vec<Attribute>) {
        self.nodes.push(Node {
            inputs: inputs.iter().map(|name| (*name).into()).collect(),
            outputs: vec![output.into()],
            name: format!("make {output}"),
            operator: operator.into(),
            attributes,
        });
    }

    fn finish(mut self, input: &str, output: &str) -> Model {
        self.inputs = vec![ValueInfo { name: input.into() }];
        self.outputs = vec![ValueInfo {
            name: output.into(),
        }];
        Model {
            ir_version: 8,
            graph: Some(self),
            opsets: vec![Opset {
                domain: String::new(),
                version: 13,
            }],
        }
    }
}

impl Attribute {
    fn int(name: &str, int: i64) -> Self {
        Self {
            name: name.into(),
            int,
            kind: 2,
            ..Self::default()
        }
    }

    fn ints(name: &str, ints: &[i64]) -> Self {
        Self {
            name: name.into(),
            ints: ints.to_vec(),
            kind: 7,
            ..Self::default()
        }
    }
}
