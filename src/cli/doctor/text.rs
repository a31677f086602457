//! Writes what `doctor` found, for people.

use std::io::{self, Write};

use comfy_table::{CellAlignment, Table, presets};

use super::{
    facts::Whereabouts,
    model::{Fit, ModelFindings},
    report::DoctorReport,
};

/// Writes `report` to `out`.
pub(super) fn write(report: &DoctorReport, out: &mut dyn Write) -> io::Result<()> {
    machine(report, out)?;
    start(report, out)?;
    models(&report.models, out)?;
    let advice = &report.recommendation;
    match &advice.model {
        Some(model) => writeln!(out, "Recommended: {model}: {}.", advice.reason)?,
        None => writeln!(out, "Recommended: none: {}.", advice.reason)?,
    }
    if let Some(line) = &advice.line {
        writeln!(out, "    {line}")?;
    }
    Ok(())
}

fn machine(report: &DoctorReport, out: &mut dyn Write) -> io::Result<()> {
    let machine = &report.machine;
    let processor = &machine.processor;
    let build = &report.build;
    writeln!(
        out,
        "receipt-gateway {}, engine: {}",
        build.version, build.engine
    )?;
    line(out, "system", &machine.system)?;
    let features = processor.features.join(" ");
    let text = format!(
        "{}, {}, {} cores, {} threads: {}",
        processor.name,
        processor.architecture,
        processor.cores,
        processor.threads,
        if features.is_empty() {
            "no known vector instructions"
        } else {
            &features
        },
    );
    line(out, "processor", &text)?;
    let unused = report.unused_features();
    if !unused.is_empty() {
        let unused = unused.join(" ");
        line(
            out,
            "",
            &format!("compiled without {unused}; `make build` on this machine uses them"),
        )?;
    }
    let memory = machine.memory;
    let (total, available) = (bytes(memory.total_bytes), bytes(memory.available_bytes));
    line(out, "memory", &format!("{total}, {available} available"))?;
    let acceleration = &report.acceleration;
    let mut text = acceleration.reason.clone();
    if let (Some(device), Some(total)) = (&acceleration.device, acceleration.total_bytes) {
        let free = acceleration.available_bytes.map(bytes);
        let free = free.map_or_else(String::new, |free| format!(", {free} free"));
        text = format!("{device}, {}{free}: {text}", bytes(total));
    }
    line(out, "accelerator", &text)?;
    let cache = &report.cache;
    let folder = cache.folder.as_ref();
    let folder = folder.map_or("unknown".to_owned(), |folder| folder.display().to_string());
    let free = cache.free_bytes.map(bytes);
    let free = free.map_or_else(String::new, |free| format!(", {free} free"));
    let offline = if cache.offline {
        ", downloads are forbidden"
    } else {
        ""
    };
    line(out, "model cache", &format!("{folder}{free}{offline}"))
}

fn start(report: &DoctorReport, out: &mut dyn Write) -> io::Result<()> {
    let start = &report.start;
    let path = start.config.display();
    let verdict = match (start.has_config, start.succeeds) {
        (false, _) => format!("there is no {path}: name one with --config; a start would fail"),
        (true, true) => format!("{path}: a start would succeed"),
        (true, false) => format!("{path}: a start would fail"),
    };
    line(out, "configuration", &verdict)?;
    let faults = start.faults.iter().map(|it| ("fault", it));
    let warnings = start.warnings.iter().map(|it| ("warning", it));
    let not_checked = start.not_checked.iter().map(|it| ("not checked", it));
    for (what, text) in faults.chain(warnings).chain(not_checked) {
        line(out, "", &format!("{what}: {}", text.trim_end_matches('.')))?;
    }
    writeln!(out)
}

fn models(models: &[ModelFindings], out: &mut dyn Write) -> io::Result<()> {
    if models.is_empty() {
        return Ok(());
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header([
        "model",
        "files",
        "size",
        "loaded as",
        "memory",
        "context",
        "fits",
    ]);
    for column in [2, 4, 5] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for model in models {
        table.add_row(row(model));
    }
    for row in table.lines() {
        writeln!(out, "{}", row.trim())?;
    }
    let mut reasons: Vec<(String, &str)> = Vec::new();
    for loading in models.iter().filter_map(|model| model.loading.as_ref()) {
        let how = loading.dtype.map_or("unknown", |dtype| dtype.name());
        let reason = (how.to_owned(), &*loading.reason);
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    for (how, reason) in reasons {
        writeln!(out, "{how}: {reason}.")?;
    }
    for model in models {
        for fault in model.faults.iter().chain(&model.doubts) {
            writeln!(out, "{}: {fault}.", model.id)?;
        }
    }
    writeln!(out)
}

fn row(model: &ModelFindings) -> [String; 7] {
    let files = match model.files {
        Whereabouts::Here => "here",
        Whereabouts::Downloaded => "downloaded",
        Whereabouts::NotDownloaded => "not downloaded",
        Whereabouts::Missing => "missing",
        Whereabouts::Elsewhere => "elsewhere",
    };
    let size = model.file_bytes.map(bytes).unwrap_or_default();
    let most = if model.is_estimate && !size.is_empty() {
        "<= "
    } else {
        ""
    };
    let loading = model.loading.as_ref().map(|loading| {
        let dtype = loading.dtype.map_or("unknown", |dtype| dtype.name());
        let quantisation = loading.quantisation.as_deref();
        let quantisation = quantisation.map_or_else(String::new, |it| match it.parse::<u8>() {
            Ok(bits) => format!(" {bits}-bit"),
            Err(_) => format!(" {it}"),
        });
        format!("{} {dtype}{quantisation}", loading.device)
    });
    let needs = model.needs.as_ref();
    let context = needs.filter(|needs| needs.contexts_bytes.is_some());
    [
        model.id.clone(),
        files.to_owned(),
        format!("{most}{size}"),
        loading.unwrap_or_default(),
        needs
            .map(|needs| bytes(needs.total_bytes))
            .unwrap_or_default(),
        context.map_or_else(String::new, |needs| needs.context_tokens.to_string()),
        match model.fits {
            Fit::Yes => "yes",
            Fit::IfFreed => "if memory is freed",
            Fit::No => "no",
            Fit::Unknown => "unknown",
            Fit::Elsewhere => "",
        }
        .to_owned(),
    ]
}

/// Writes a line under a name, or below the line before it.
fn line(out: &mut dyn Write, name: &str, text: &str) -> io::Result<()> {
    writeln!(out, "{name:<14}{text}")
}

/// Writes a size in decimal units, as disks and downloads are told.
fn bytes(bytes: u64) -> String {
    const MEGA: f64 = 1e6;
    let mega = bytes as f64 / MEGA;
    if mega >= 1000.0 {
        format!("{:.1} GB", mega / 1000.0)
    } else if mega >= 10.0 {
        format!("{mega:.0} MB")
    } else {
        format!("{mega:.1} MB")
    }
}
