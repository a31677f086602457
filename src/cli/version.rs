//! The text of `--version`: the version, and the parts that were compiled in.

use std::{env::consts::ARCH, fmt::Write, sync::LazyLock};

/// Returns the text after the program's name: version, processor and engine.
pub(super) fn long() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        let (version, processor) = (env!("CARGO_PKG_VERSION"), processor());
        format!("{version}\nprocessor: {processor}\nengine: {ENGINE}")
    });
    &TEXT
}

/// Returns the kind of processor, and the instructions that were compiled in.
pub(super) fn processor() -> String {
    let mut text = ARCH.to_owned();
    for feature in FEATURES {
        let _ = write!(text, " {feature}");
    }
    text
}

/// Lists the features that the compiler may use without a check at run time.
macro_rules! compiled_in {
    ($($feature:literal)*) => { &[$(#[cfg(target_feature = $feature)] $feature),*] };
}

/// The vector instructions that make the models' arithmetic faster, by the compiler's names.
#[rustfmt::skip]
pub(super) const FEATURES: &[&str] = compiled_in!(
    "avx2" "fma" "f16c" "avxvnni" "avx512f" "avx512vnni" "avx512bf16"
    "neon" "fp16" "dotprod" "i8mm" "bf16"
);

/// The engine, and the devices that it was built for.
pub(super) const ENGINE: &str = if !cfg!(feature = "engine") {
    "none, only models of remote providers"
} else if cfg!(target_os = "macos") {
    "mistral.rs, Metal and CPU"
} else if cfg!(feature = "cuda") {
    "mistral.rs, CUDA and CPU"
} else if cfg!(feature = "mkl") {
    "mistral.rs, CPU with MKL"
} else {
    "mistral.rs, CPU"
};

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use crate::cli::Arguments;

    #[test]
    fn version_names_the_processor_and_the_engine() {
        let text = Arguments::command().render_long_version();
        let mut lines = text.lines();
        assert_eq!(
            lines.next(),
            Some(concat!("receipt-gateway ", env!("CARGO_PKG_VERSION")))
        );
        let processor = lines.next().unwrap_or_default();
        assert!(processor.starts_with("processor: "), "{text}");
        assert_eq!(
            processor.split(' ').any(|word| word == "avx2"),
            cfg!(target_feature = "avx2"),
            "{text}"
        );
        assert!(
            lines
                .next()
                .is_some_and(|line| line.starts_with("engine: ")),
            "{text}"
        );
    }
}
