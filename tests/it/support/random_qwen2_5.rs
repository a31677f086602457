//! A model of the Qwen2.5-VL family, made of the weights of `tiny-qwen2-vl`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Map, Value, json};
use tempfile::TempDir;

/// The model whose files it is made of.
const BASE: &str = "models/tiny-qwen2-vl";

/// Names of the weights of Qwen2-VL's vision blocks, and those that get the same values in Qwen2.5-VL's.
const RENAMED: [(&str, &[&str]); 2] = [
    (".mlp.fc1.", &[".mlp.gate_proj.", ".mlp.up_proj."]),
    (".mlp.fc2.", &[".mlp.down_proj."]),
];

/// A folder with the model. Its answers are meaningless.
pub fn random_qwen2_5() -> TempDir {
    let folder = TempDir::new().unwrap();
    for file in [
        "tokenizer.json",
        "tokenizer_config.json",
        "generation_config.json",
    ] {
        fs::copy(base(file), folder.path().join(file)).unwrap();
    }
    let write = |file: &str, value: Value| {
        fs::write(folder.path().join(file), value.to_string()).unwrap();
    };
    let mut config = json(&base("config.json"));
    config["architectures"] = json!(["Qwen2_5_VLForConditionalGeneration"]);
    config["model_type"] = json!("qwen2_5_vl");
    config["vision_config"] = json!({
        "depth": 2, "hidden_size": 64, "out_hidden_size": 64, "intermediate_size": 128,
        "hidden_act": "silu", "num_heads": 4, "in_chans": 3, "patch_size": 14,
        "spatial_merge_size": 2, "temporal_patch_size": 2, "window_size": 112,
        "fullatt_block_indexes": [1],
    });
    write("config.json", config);
    let mut pictures = json(&base("preprocessor_config.json"));
    pictures["processor_class"] = json!("Qwen2_5_VLProcessor");
    write("preprocessor_config.json", pictures);
    let weights = fs::read(base("model.safetensors")).unwrap();
    fs::write(folder.path().join("model.safetensors"), renamed(&weights)).unwrap();
    folder
}

fn base(file: &str) -> PathBuf {
    Path::new(BASE).join(file)
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// The weights of a file of safetensors under their names in Qwen2.5-VL, as such a file.
fn renamed(file: &[u8]) -> Vec<u8> {
    let (length, rest) = file.split_first_chunk().unwrap();
    let (header, data) = rest.split_at(usize::try_from(u64::from_le_bytes(*length)).unwrap());
    let header: Map<String, Value> = serde_json::from_slice(header).unwrap();
    let mut tensors = Map::new();
    let mut values = Vec::new();
    for (name, tensor) in header.iter().filter(|(name, _)| *name != "__metadata__") {
        let is_of_norm = name.contains(".norm") || name.contains(".ln_q");
        if name.starts_with("visual.") && is_of_norm && name.rsplit('.').next() == Some("bias") {
            continue;
        }
        let place = |end: usize| tensor["data_offsets"][end].as_u64().unwrap() as usize;
        let names = match RENAMED.iter().find(|(old, _)| name.contains(old)) {
            Some((old, new)) => new.iter().map(|new| name.replace(old, new)).collect(),
            None => vec![name.clone()],
        };
        for name in names {
            let start = values.len();
            values.extend_from_slice(&data[place(0)..place(1)]);
            let mut tensor = tensor.clone();
            tensor["data_offsets"] = json!([start, values.len()]);
            tensors.insert(name, tensor);
        }
    }
    let header = Value::Object(tensors).to_string();
    let length = (header.len() as u64).to_le_bytes();
    [&length, header.as_bytes(), &values].concat()
}
