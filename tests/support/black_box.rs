//! A project that holds the predictions of a model elsewhere.

use serde_json::Value;

use crate::tiny_project::Project;

/// The tiny project's data with predictions in place of its model.
pub(crate) fn black_box() -> (Project, Value) {
    let known = Project::new();
    let snapshot = known.json("discover", &["--freeze"]);
    let folder = known.path().join("export");
    known.json("export", &["--out", &folder.display().to_string()]);
    let black_box = Project::new();
    let settings = black_box.path().join("project.toml");
    let text = std::fs::read_to_string(&settings).expect("readable");
    let text = text.replace("base = \"model\"", "base = \"predictions\"");
    std::fs::write(&settings, text).expect("writes");
    for name in ["predictions.csv", "embeddings.csv", "predictions.parquet"] {
        std::fs::copy(folder.join(name), black_box.path().join(name)).expect("copies");
    }
    (black_box, snapshot)
}

/// Joins the exported probabilities and embeddings, as a black box's owner
/// would write them.
pub(crate) fn joined(project: &Project) -> String {
    let open = |name: &str| csv::Reader::from_path(project.path().join(name)).expect("opens");
    let (mut predictions, mut embeddings) = (open("predictions.csv"), open("embeddings.csv"));
    let path = project.path().join("black-box.csv");
    let mut out = csv::Writer::from_path(&path).expect("creates");
    let join = |a: &csv::StringRecord, b: &csv::StringRecord| -> Vec<String> {
        a.iter()
            .chain(b.iter().skip(1))
            .map(str::to_owned)
            .collect()
    };
    let header = join(
        predictions.headers().expect("header"),
        embeddings.headers().expect("header"),
    );
    out.write_record(header).expect("writes");
    for (a, b) in predictions.records().zip(embeddings.records()) {
        out.write_record(join(&a.expect("a row"), &b.expect("a row")))
            .expect("writes");
    }
    out.flush().expect("writes");
    path.display().to_string()
}
